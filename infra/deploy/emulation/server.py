"""AWS on one machine, for `make deploy-test`: moto, and stubs for what moto has not.

moto serves S3, DynamoDB, Secrets Manager, SNS, SQS, CloudWatch, Logs, Lambda, IAM, Route 53, STS and tagging. Ours are:
  stacks.py   CloudFormation: moto's has no SAM, no states on the way, no failure half way
  mail.py     SES v2's account and identities: moto has no sandbox, no DKIM tokens, no MAIL FROM
  here        the CBOR form of CloudWatch's and of tagging's calls, which moto takes as JSON; Lambda's GetAccountSettings, and when ACM issues a certificate
POST /_emulation changes what a person or AWS would (see `control`).
"""

import datetime
import io
import json
import re
import sys
import threading
from urllib.parse import parse_qs

import cbor2
from moto.acm import models as acm
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.route53 import models as route53
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

import mail
import stacks

ACCOUNT = "123456789012"
state = {"concurrency": 1000, "records": []}
lock = threading.RLock()


def recorded(name):
    """Whether a name is in a zone of Route 53, or a person made it elsewhere."""
    name = name.rstrip(".")
    if name in state["records"]:
        return True
    backend = route53.route53_backends[ACCOUNT]["aws"]
    return any(r.name.rstrip(".") == name for z in backend.zones.values() for r in z.rrsets)


def issued(bundle):
    """A certificate is issued once its record can be seen, and not after a time."""
    if bundle.status != "PENDING_VALIDATION":
        return
    for option in bundle.describe()["Certificate"]["DomainValidationOptions"]:
        if recorded(option["ResourceRecord"]["Name"]):
            bundle.status = "ISSUED"


acm.CertBundle.check = lambda self: issued(self)


def control(request):
    """Does what is done by a person, or by AWS in its own time."""
    asked = request.get_json(force=True)
    with lock:
        if "concurrency" in asked:
            state["concurrency"] = asked["concurrency"]
        state["records"] += asked.get("records", [])
        mail.control(asked.get("mail", {}))
        stacks.control(asked.get("stacks", {}))
    return Response(json.dumps({"stubbed": sorted(stacks.stubbed)}), mimetype="application/json")


SERVICES = {"GraniteServiceVersion20100801": "cloudwatch", "ResourceGroupsTaggingAPI_20170126": "resourcegroupstaggingapi"}


def from_cbor(request, region):
    """Makes a call that came as CBOR through boto3, which speaks to moto as moto understands."""
    _, _, service, _, operation = request.path.split("/")
    client = stacks.resources.Make(stacks.endpoint, region, ACCOUNT, "", {}).client(SERVICES[service])
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
    got = getattr(client, method)(**cbor2.loads(request.get_data() or b"\xa0"))
    got.pop("ResponseMetadata")
    body = cbor2.dumps(got, datetime_as_timestamp=True, timezone=datetime.timezone.utc)
    return Response(body, headers={"smithy-protocol": "rpc-v2-cbor"}, mimetype="application/cbor")


def ours(request):
    """The stub that a request is for, or None for moto."""
    path = request.path
    if path == "/_emulation":
        return control(request)
    scope = re.search(r"/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request", request.headers.get("Authorization", ""))
    region, service = scope.groups() if scope else ("", "")
    if service == "cloudformation":
        form = {k: v[0] for k, v in parse_qs(request.get_data(as_text=True), keep_blank_values=True).items()}
        return stacks.answer(form, lock, region)
    if service == "ses" and path.startswith("/v2/email/"):
        return mail.answer(request, recorded)
    if path.startswith("/service/") and request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return from_cbor(request, region)
    if service == "lambda" and path.endswith("/account-settings"):
        limits = {"AccountLimit": {"ConcurrentExecutions": state["concurrency"], "UnreservedConcurrentExecutions": state["concurrency"]}}
        return Response(json.dumps(limits), mimetype="application/json")
    return None


def main(port):
    moto = DomainDispatcherApplication(create_backend_app)

    def app(environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        answer = ours(Request(environ))
        environ["wsgi.input"] = io.BytesIO(body)
        return (answer or moto)(environ, start)

    stacks.endpoint = f"http://127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, app, threaded=True)
    print(f"emulation at {stacks.endpoint}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
