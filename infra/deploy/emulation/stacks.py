"""CloudFormation as its published behaviour has it: change sets, states on the way, events, what a failure half way
leaves, retained resources, names that two stacks cannot share. SAM is worked out by AWS's own translator."""

import datetime
import json
import re
import threading
import time
from xml.sax.saxutils import escape

import boto3
import samtranslator.yaml_helper as sam_yaml
from samtranslator.translator.transform import transform
from werkzeug.wrappers import Response

import resources
from resolve import Scope, references

ACCOUNT = "123456789012"
endpoint = ""
all_stacks = {}  # by region and name
stubbed = set()  # types that were recorded only
failing = {}  # a resource's name and why: its next creation or change fails
pace = 0.0  # seconds a resource takes


def control(asked):
    global pace
    pace = asked.get("pace", pace)
    failing.update(asked.get("fail", {}))


class Refused(Exception):
    def __init__(self, text, code="ValidationError"):
        super().__init__(text)
        self.code = code


class NoManagedPolicies:
    """SAM asks IAM for the addresses of managed policies; the emulation gives those that the template needs."""

    def load(self):
        return {n: f"arn:aws:iam::aws:policy/{p}{n}" for n, p in {
            "AWSLambdaBasicExecutionRole": "service-role/", "AWSXRayDaemonWriteAccess": "", "AWSXrayWriteOnlyAccess": ""}.items()}


class Stack:
    def __init__(self, region, name):
        self.region, self.name, self.status, self.reason = region, name, "REVIEW_IN_PROGRESS", ""
        self.id = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{time.time_ns()}"
        self.template, self.parameters, self.tags = {"Resources": {}}, {}, {}
        self.made, self.events, self.sets, self.outputs = {}, [], {}, {}

    def event(self, logical, kind, status, reason=""):
        self.events.insert(0, {"at": datetime.datetime.now(datetime.timezone.utc), "id": logical, "type": kind, "status": status, "reason": reason})

    def to(self, status, reason=""):
        self.status, self.reason = status, reason
        self.event(self.name, "AWS::CloudFormation::Stack", status, reason)

    def make(self):
        return resources.Make(endpoint, self.region, ACCOUNT, self.name, self.tags)

    def scope(self, template, parameters):
        pseudo = {"AWS::StackName": self.name, "AWS::Region": self.region, "AWS::AccountId": ACCOUNT, "AWS::StackId": self.id,
                  "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
        return Scope(template, parameters, pseudo, self.made)


def order(template):
    """Names so that each comes after what it refers to."""
    declared, done = template["Resources"], []

    def visit(n):
        if n in done:
            return
        needs = declared[n].get("DependsOn", [])
        for other in sorted(references(declared[n].get("Properties", {})) | set([needs] if isinstance(needs, str) else needs)):
            if other in declared and other != n:
                visit(other)
        done.append(n)

    for n in declared:
        visit(n)
    return done


def dynamic(v, make):
    """What {{resolve:secretsmanager:...}} stands for."""
    if isinstance(v, list):
        return [dynamic(x, make) for x in v]
    if isinstance(v, dict):
        return {k: dynamic(x, make) for k, x in v.items()}
    if isinstance(v, str) and "{{resolve:secretsmanager:" in v:
        return re.sub(r"\{\{resolve:secretsmanager:([^}]+?)(?::SecretString)?\}\}",
                      lambda m: make.client("secretsmanager").get_secret_value(SecretId=m.group(1))["SecretString"], v)
    return v


# What may be there once, whichever stack made it: all of CloudFront's policies, and names that a template gives.
ONCE = {
    "AWS::CloudFront::CachePolicy": "CachePolicyConfig", "AWS::CloudFront::OriginRequestPolicy": "OriginRequestPolicyConfig",
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig", "AWS::CloudFront::Function": "",
    "AWS::Scheduler::Schedule": "", "AWS::CodeDeploy::Application": "", "AWS::CloudWatch::Dashboard": "",
}


def own_name(kind, properties):
    inner = properties.get(ONCE[kind], {}) if ONCE[kind] else properties
    return inner.get("Name") or inner.get("ApplicationName") or inner.get("DashboardName")


def aliases(properties):
    return set(properties["DistributionConfig"].get("Aliases", []))


def taken(stack, kind, properties):
    """Why another stack's resource stands in the way, None for nothing."""
    for other in all_stacks.values():
        for made in other.made.values() if other is not stack else []:
            if made["type"] != kind:
                continue
            if kind == resources.DISTRIBUTION and aliases(properties) & aliases(made["properties"]):
                return "One or more of the CNAMEs you provided are already associated with a different resource."
            if kind in ONCE and own_name(kind, properties) and own_name(kind, properties) == own_name(kind, made["properties"]):
                return f"{kind} {own_name(kind, properties)} already exists"
    return None


def put(stack, scope, logical, declared):
    """Makes or changes one resource."""
    kind, make = declared["Type"], stack.make()
    if logical in failing:
        raise Refused(failing.pop(logical))
    properties = scope.value(declared.get("Properties", {}))
    have = stack.made.get(logical)
    if have and have["properties"] == properties:
        return False
    stack.event(logical, kind, "UPDATE_IN_PROGRESS" if have else "CREATE_IN_PROGRESS")
    time.sleep(pace)
    resolved = dynamic(properties, make)
    why = taken(stack, kind, properties)
    if why:
        raise Refused(why)
    if have is None:
        call = resources.MADE_BY_MOTO.get(kind) or resources.STUBS.get(kind)
        if kind not in resources.MADE_BY_MOTO:
            stubbed.add(kind)
        made, attributes = call(make, logical, resolved) if call else make.stub(logical, resolved)
        stack.made[logical] = {"id": made, "type": kind, "attributes": attributes, "properties": properties, "retain": declared.get("DeletionPolicy")}
    else:
        if kind == "AWS::Lambda::Function":
            make.update_function(have["id"], resolved)
        have.update(properties=properties, retain=declared.get("DeletionPolicy"))
    stack.event(logical, kind, "UPDATE_COMPLETE" if have else "CREATE_COMPLETE")
    return True


def wanted(template, scope):
    return [n for n in order(template) if "Condition" not in template["Resources"][n] or scope.condition(template["Resources"][n]["Condition"])]


def remove(stack, logical, again=False):
    """Takes a resource away, unless it is retained; again is the rollback of its own creation."""
    made = stack.made[logical]
    keeps = made["retain"] == "Retain" or made["retain"] == "RetainExceptOnCreate" and not again
    stack.event(logical, made["type"], "DELETE_IN_PROGRESS")
    time.sleep(pace)
    if keeps:
        stack.event(logical, made["type"], "DELETE_SKIPPED")
    else:
        stack.make().delete(made["type"], made["id"])
        stack.event(logical, made["type"], "DELETE_COMPLETE")
    del stack.made[logical]


def execute(stack, change):
    """Runs a change set, in its own time."""
    verb = "CREATE" if not stack.made and change["type"] == "CREATE" else "UPDATE"
    before = (stack.template, stack.parameters)
    template, parameters = change["template"], change["parameters"]
    stack.tags.update(change["tags"])
    scope, new = stack.scope(template, parameters), []
    try:
        for logical in wanted(template, scope):
            if logical not in stack.made:
                new.append(logical)
            put(stack, scope, logical, template["Resources"][logical])
    except Exception as e:  # noqa: BLE001: whatever a service says is the resource's failure
        kind = template["Resources"][logical]["Type"]
        stack.event(logical, kind, f"{verb}_FAILED", str(e))
        stack.template, stack.parameters = template, parameters
        if change["keep"]:
            stack.to(f"{verb}_FAILED", f"The following resource(s) failed: [{logical}].")
            return
        stack.to(f"{verb}_ROLLBACK_IN_PROGRESS".replace("CREATE_ROLLBACK", "ROLLBACK"), str(e))
        stack.template, stack.parameters = before
        try:
            for made in reversed(new):
                if made in stack.made:
                    remove(stack, made, again=True)
            old = stack.scope(*before)
            for logical in wanted(before[0], old):
                put(stack, old, logical, before[0]["Resources"][logical])
        except Exception as again:  # noqa: BLE001
            stack.to("UPDATE_ROLLBACK_FAILED" if verb == "UPDATE" else "ROLLBACK_FAILED", str(again))
            return
        stack.to("UPDATE_ROLLBACK_COMPLETE" if verb == "UPDATE" else "ROLLBACK_COMPLETE")
        return
    keep = set(wanted(template, scope))
    for logical in [n for n in reversed(list(stack.made)) if n not in keep]:
        remove(stack, logical)
    stack.template, stack.parameters = template, parameters
    stack.outputs = {k: scope.value(o["Value"]) for k, o in template.get("Outputs", {}).items() if "Condition" not in o or scope.condition(o["Condition"])}
    stack.to(f"{verb}_COMPLETE")


def delete(stack):
    stack.to("DELETE_IN_PROGRESS")
    failed = []
    for logical in reversed(list(stack.made)):
        try:
            remove(stack, logical)
        except Exception as e:  # noqa: BLE001
            failed.append(logical)
            stack.event(logical, stack.made[logical]["type"], "DELETE_FAILED", str(e))
    if failed:
        stack.to("DELETE_FAILED", f"The following resource(s) failed to delete: {failed}.")
    else:
        stack.to("DELETE_COMPLETE")
        del all_stacks[(stack.region, stack.name)]


def read_template(form, region):
    text = form.get("TemplateBody")
    if not text:
        bucket, key = re.match(r"https://([^.]+)\.s3\.[^/]+/(.+)", form["TemplateURL"]).groups()
        client = boto3.client("s3", endpoint_url=endpoint, region_name=region, aws_access_key_id="emulation", aws_secret_access_key="emulation")
        text = client.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    elif len(text) > 51200:
        raise Refused("TemplateBody is longer than 51200 bytes")
    return sam_yaml.yaml_parse(text)


def numbered(form, prefix):
    """Lists of the query protocol: prefix.member.1.Key."""
    out = {}
    for key, v in form.items():
        m = re.fullmatch(re.escape(prefix) + r"\.member\.(\d+)\.(\w+)", key)
        if m:
            out.setdefault(int(m.group(1)), {})[m.group(2)] = v
    return [out[i] for i in sorted(out)]


def given(form, template, stack):
    """The parameters' values, checked as CloudFormation does."""
    declared, out = template.get("Parameters", {}), {}
    for p in numbered(form, "Parameters"):
        if p["ParameterKey"] not in declared:
            raise Refused(f"Parameters: [{p['ParameterKey']}] do not exist in the template")
        out[p["ParameterKey"]] = stack.parameters[p["ParameterKey"]] if p.get("UsePreviousValue") == "true" else p["ParameterValue"]
    for key, d in declared.items():
        if key not in out:
            if "Default" not in d:
                raise Refused(f"Parameters: [{key}] must have values")
            out[key] = d["Default"]
        if "AllowedPattern" in d and not re.fullmatch(d["AllowedPattern"], str(out[key])):
            raise Refused(f"Parameter {key} failed to satisfy constraint: {d['AllowedPattern']}")
    return out


def create_change_set(form, region):
    key = (region, form["StackName"])
    stack = all_stacks.get(key)
    if form["ChangeSetType"] == "CREATE":
        if stack and stack.status != "REVIEW_IN_PROGRESS":
            raise Refused(f"Stack [{stack.name}] already exists and cannot be created again with the changeSet", "AlreadyExistsException")
        stack = stack or Stack(region, form["StackName"])
        all_stacks[key] = stack
    elif stack is None or stack.status == "REVIEW_IN_PROGRESS":
        raise Refused(f"Stack [{form['StackName']}] does not exist")
    if stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS":
        raise Refused(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
    raw = read_template(form, region)
    parameters = given(form, raw, stack)
    template = transform(json.loads(json.dumps(raw, default=str)), parameters, NoManagedPolicies()) if "Transform" in raw else raw
    keep = form.get("OnStackFailure") == "DO_NOTHING"
    change = {"type": form["ChangeSetType"], "template": template, "parameters": parameters, "keep": keep, "status": "CREATE_COMPLETE", "reason": "",
              "tags": {t["Key"]: t["Value"] for t in numbered(form, "Tags")}, "changes": []}
    scope = stack.scope(template, parameters)
    names = wanted(template, scope)
    for n in names:
        d, have = template["Resources"][n], stack.made.get(n)
        if not have or have["type"] != d["Type"]:
            change["changes"].append(("Add", n, d["Type"]))
        else:
            try:
                if scope.value(d.get("Properties", {})) != have["properties"]:
                    change["changes"].append(("Modify", n, d["Type"]))
            except KeyError:  # refers to what is not made yet
                change["changes"].append(("Modify", n, d["Type"]))
    change["changes"] += [("Remove", n, m["type"]) for n, m in stack.made.items() if n not in names]
    failed_before = stack.status in ("CREATE_FAILED", "UPDATE_FAILED")
    if not change["changes"] and stack.parameters == parameters and not failed_before:
        change["status"], change["reason"] = "FAILED", "The submitted information didn't contain changes. Submit different information to create a change set."
    identity = f"arn:aws:cloudformation:{region}:{ACCOUNT}:changeSet/{form['ChangeSetName']}/{time.time_ns()}"
    stack.sets[identity] = change
    return f"<Id>{identity}</Id><StackId>{stack.id}</StackId>"


def find(form, region):
    """A stack by its name or id, or the stack and change set of an id."""
    if "ChangeSetName" in form:
        for stack in all_stacks.values():
            if form["ChangeSetName"] in stack.sets:
                return stack, stack.sets[form["ChangeSetName"]]
        raise Refused("ChangeSet does not exist", "ChangeSetNotFound")
    stack = all_stacks.get((region, form.get("StackName", "")))
    if stack is None:
        raise Refused(f"Stack with id {form.get('StackName')} does not exist")
    return stack, None


def member(**fields):
    return "<member>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in fields.items()) + "</member>"


def describe(stack):
    hidden = [k for k, d in stack.template.get("Parameters", {}).items() if str(d.get("NoEcho")).lower() == "true"]
    parameters = "".join(member(ParameterKey=k, ParameterValue="****" if k in hidden else v) for k, v in stack.parameters.items())
    outputs = "".join(member(OutputKey=k, OutputValue=v) for k, v in stack.outputs.items())
    return (f"<Stacks><member><StackId>{stack.id}</StackId><StackName>{stack.name}</StackName><StackStatus>{stack.status}</StackStatus>"
            f"<StackStatusReason>{escape(stack.reason)}</StackStatusReason><CreationTime>2026-01-01T00:00:00Z</CreationTime>"
            f"<Parameters>{parameters}</Parameters><Outputs>{outputs}</Outputs></member></Stacks>")


def act(action, form, region):
    if action == "CreateChangeSet":
        return create_change_set(form, region)
    stack, change = find(form, region)
    if action == "DescribeStacks":
        return describe(stack)
    if action == "DescribeChangeSet":
        changes = "".join("<member><Type>Resource</Type><ResourceChange>" + member(Action=a, LogicalResourceId=n, ResourceType=t)[8:-9] + "</ResourceChange></member>"
                          for a, n, t in change["changes"])
        return f"<Status>{change['status']}</Status><StatusReason>{escape(change['reason'])}</StatusReason><Changes>{changes}</Changes>"
    if action == "DeleteChangeSet":
        stack.sets.pop(form["ChangeSetName"])
        return ""
    if action == "ExecuteChangeSet":
        stack.to("CREATE_IN_PROGRESS" if change["type"] == "CREATE" else "UPDATE_IN_PROGRESS")
        threading.Thread(target=execute, args=(stack, change), daemon=True).start()
        return ""
    if action == "ContinueUpdateRollback":
        stack.to("UPDATE_ROLLBACK_COMPLETE")
        return ""
    if action == "DeleteStack":
        threading.Thread(target=delete, args=(stack,), daemon=True).start()
        stack.status = "DELETE_IN_PROGRESS"
        return ""
    if action == "ListStackResources":
        return "<StackResourceSummaries>" + "".join(
            member(LogicalResourceId=n, PhysicalResourceId=m["id"], ResourceType=m["type"], ResourceStatus="CREATE_COMPLETE", LastUpdatedTimestamp="2026-01-01T00:00:00Z")
            for n, m in list(stack.made.items())) + "</StackResourceSummaries>"
    if action == "DescribeStackEvents":
        return "<StackEvents>" + "".join(
            member(StackId=stack.id, StackName=stack.name, EventId=i, LogicalResourceId=e["id"], ResourceType=e["type"], ResourceStatus=e["status"],
                   ResourceStatusReason=e["reason"], Timestamp=e["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")) for i, e in enumerate(list(stack.events))) + "</StackEvents>"
    raise Refused(f"{action} is not emulated", "InvalidAction")


def answer(form, lock, region):
    action = form["Action"]
    try:
        with lock:
            body = act(action, form, region)
    except Refused as e:
        fault = f"<ErrorResponse><Error><Type>Sender</Type><Code>{e.code}</Code><Message>{escape(str(e))}</Message></Error><RequestId>e</RequestId></ErrorResponse>"
        return Response(fault, 400, mimetype="text/xml")
    return Response(f"<{action}Response><{action}Result>{body}</{action}Result><ResponseMetadata><RequestId>e</RequestId></ResponseMetadata></{action}Response>", mimetype="text/xml")
