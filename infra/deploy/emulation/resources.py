"""Makes a stack's resources: through moto where it has them, so that their own rules hold (a protected table, a bucket
that is not empty, a function whose zip is not there), and as a bare record otherwise (`Stub`)."""

import json
import secrets
import string

import boto3

DISTRIBUTION = "AWS::CloudFront::Distribution"


def name(stack, logical, limit=60):
    return f"{stack}-{logical}-{secrets.token_hex(6)}"[-limit:]


class Make:
    """One call for each type: takes resolved properties, returns the id and attributes."""

    def __init__(self, endpoint, region, account, stack, tags):
        self.region, self.account, self.stack, self.tags = region, account, stack, tags
        self.client = lambda service: boto3.client(
            service, endpoint_url=endpoint, region_name=region, aws_access_key_id="emulation", aws_secret_access_key="emulation")

    def listed(self):
        return [{"Key": k, "Value": v} for k, v in self.tags.items()]

    def table(self, logical, p):
        made = name(self.stack, logical)
        ceiling = {k: v for k, v in {
            "OnDemandThroughput": p.get("OnDemandThroughput"), "GlobalSecondaryIndexes": p.get("GlobalSecondaryIndexes"),
        }.items() if v}
        stream = {"StreamSpecification": {"StreamEnabled": True, **p["StreamSpecification"]}} if "StreamSpecification" in p else {}
        got = self.client("dynamodb").create_table(
            TableName=made, KeySchema=p["KeySchema"], AttributeDefinitions=p["AttributeDefinitions"], BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=bool(p.get("DeletionProtectionEnabled")), Tags=self.listed(), **ceiling, **stream)["TableDescription"]
        return made, {"Arn": got["TableArn"], "StreamArn": got.get("LatestStreamArn", "")}

    def secret(self, logical, p):
        made, given = name(self.stack, logical), {}
        if "GenerateSecretString" in p:
            given["SecretString"] = "".join(secrets.choice(string.ascii_letters) for _ in range(40))
        elif "SecretString" in p:
            given["SecretString"] = p["SecretString"]
        arn = self.client("secretsmanager").create_secret(Name=made, Tags=self.listed(), **given)["ARN"]
        return arn, {"Id": arn}

    def bucket(self, logical, p):
        made = name(self.stack, logical).lower()
        client = self.client("s3")
        client.create_bucket(Bucket=made, CreateBucketConfiguration={"LocationConstraint": self.region})
        if "VersioningConfiguration" in p:
            client.put_bucket_versioning(Bucket=made, VersioningConfiguration=p["VersioningConfiguration"])
        host = f"{made}.s3.{self.region}.amazonaws.com"
        return made, {"Arn": f"arn:aws:s3:::{made}", "RegionalDomainName": host}

    def topic(self, logical, p):
        arn = self.client("sns").create_topic(Name=name(self.stack, logical), Tags=self.listed())["TopicArn"]
        return arn, {"TopicArn": arn}

    def subscription(self, logical, p):
        return self.client("sns").subscribe(TopicArn=p["TopicArn"], Protocol=p["Protocol"], Endpoint=p["Endpoint"])["SubscriptionArn"], {}

    def queue(self, logical, p):
        url = self.client("sqs").create_queue(QueueName=name(self.stack, logical))["QueueUrl"]
        return url, {"Arn": f"arn:aws:sqs:{self.region}:{self.account}:{url.rsplit('/', 1)[1]}", "QueueName": url.rsplit("/", 1)[1]}

    def log_group(self, logical, p):
        made = name(self.stack, logical)
        self.client("logs").create_log_group(logGroupName=made)
        return made, {"Arn": f"arn:aws:logs:{self.region}:{self.account}:log-group:{made}:*"}

    def role(self, logical, p):
        made = name(self.stack, logical)
        got = self.client("iam").create_role(RoleName=made, AssumeRolePolicyDocument=json.dumps(p["AssumeRolePolicyDocument"]))
        return made, {"Arn": got["Role"]["Arn"]}

    @staticmethod
    def environment(p):
        """Variables as text: CloudFormation passes a number on as one."""
        return {"Variables": {k: str(v) for k, v in p.get("Environment", {}).get("Variables", {}).items()}}

    def function(self, logical, p):
        made = p.get("FunctionName") or name(self.stack, logical)
        got = self.client("lambda").create_function(
            FunctionName=made, Runtime=p["Runtime"], Handler=p["Handler"], Role=p["Role"], Code=p["Code"],
            Environment=self.environment(p), Architectures=p["Architectures"], Tags=self.tags)
        return made, {"Arn": got["FunctionArn"]}

    def update_function(self, made, p):
        client = self.client("lambda")
        client.update_function_code(FunctionName=made, S3Bucket=p["Code"]["S3Bucket"], S3Key=p["Code"]["S3Key"])
        client.update_function_configuration(FunctionName=made, Environment=self.environment(p))

    def alarm(self, logical, p):
        made = name(self.stack, logical)
        kept = {k: v for k, v in p.items() if k not in ("Metrics", "Tags")}
        if "Metrics" in p:  # moto takes a metric or an expression; the expression is recorded by the stack alone
            kept |= {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 300}
        self.client("cloudwatch").put_metric_alarm(AlarmName=made, **kept)
        return made, {"Arn": f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{made}"}

    def stub(self, logical, p):
        made = name(self.stack, logical)
        return made, {"Arn": f"arn:aws:emulated:{self.region}:{self.account}:{made}"}

    def distribution(self, logical, p):
        made = "E" + secrets.token_hex(6).upper()
        return made, {"DomainName": f"d{secrets.token_hex(6)}.cloudfront.net"}

    def alias(self, logical, p):
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{p['FunctionName']}:{p['Name']}", {}

    def api(self, logical, p):
        made = secrets.token_hex(5)
        return made, {"ApiEndpoint": f"https://{made}.execute-api.{self.region}.amazonaws.com", "ApiId": made}

    def delete(self, kind, made):
        remove = {
            "AWS::DynamoDB::Table": lambda: self.client("dynamodb").delete_table(TableName=made),
            "AWS::SecretsManager::Secret": lambda: self.client("secretsmanager").delete_secret(SecretId=made),
            "AWS::S3::Bucket": lambda: self.client("s3").delete_bucket(Bucket=made),
            "AWS::SNS::Topic": lambda: self.client("sns").delete_topic(TopicArn=made),
            "AWS::SNS::Subscription": lambda: self.client("sns").unsubscribe(SubscriptionArn=made),
            "AWS::SQS::Queue": lambda: self.client("sqs").delete_queue(QueueUrl=made),
            "AWS::Logs::LogGroup": lambda: self.client("logs").delete_log_group(logGroupName=made),
            "AWS::IAM::Role": lambda: self.client("iam").delete_role(RoleName=made),
            "AWS::Lambda::Function": lambda: self.client("lambda").delete_function(FunctionName=made),
            "AWS::CloudWatch::Alarm": lambda: self.client("cloudwatch").delete_alarms(AlarmNames=[made]),
        }.get(kind)
        if remove:
            remove()


MADE_BY_MOTO = {
    "AWS::DynamoDB::Table": Make.table, "AWS::SecretsManager::Secret": Make.secret, "AWS::S3::Bucket": Make.bucket,
    "AWS::SNS::Topic": Make.topic, "AWS::SNS::Subscription": Make.subscription, "AWS::SQS::Queue": Make.queue,
    "AWS::Logs::LogGroup": Make.log_group, "AWS::IAM::Role": Make.role, "AWS::Lambda::Function": Make.function,
    "AWS::CloudWatch::Alarm": Make.alarm,
}
STUBS = {DISTRIBUTION: Make.distribution, "AWS::ApiGatewayV2::Api": Make.api, "AWS::Lambda::Alias": Make.alias}
