"""Amazon SES v2's account and identities. Verified is what has its DKIM records in DNS, as with AWS."""

import hashlib
import json
from urllib.parse import unquote

from werkzeug.wrappers import Response

account = {
    "ProductionAccessEnabled": False, "SendingEnabled": True, "EnforcementStatus": "HEALTHY",
    "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
}
identities = {}


def control(asked):
    account.update(asked)


def error(status, code, text):
    return Response(json.dumps({"message": text}), status, {"x-amzn-errortype": code}, mimetype="application/json")


def tokens(domain):
    return [hashlib.sha256(f"{domain}{i}".encode()).hexdigest()[:32] for i in range(3)]


def describe(domain, recorded):
    made = identities[domain]
    dkim = all(recorded(f"{t}._domainkey.{domain}") for t in tokens(domain))
    bounce = made["mail_from"]
    return {
        "IdentityType": "DOMAIN", "FeedbackForwardingStatus": True, "VerifiedForSendingStatus": dkim,
        "VerificationStatus": "SUCCESS" if dkim else "PENDING",
        "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS" if dkim else "PENDING", "Tokens": tokens(domain)},
        "MailFromAttributes": {
            "MailFromDomain": bounce, "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
            "MailFromDomainStatus": "SUCCESS" if bounce and recorded(bounce) else "PENDING",
        } if bounce else {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
    }


def answer(request, recorded):
    method, path = request.method, unquote(request.path)
    body = json.loads(request.get_data(as_text=True) or "{}")
    out = None
    if path == "/v2/email/account" and method == "GET":
        out = account
    elif path == "/v2/email/identities" and method == "POST":
        if body["EmailIdentity"] in identities:
            return error(400, "AlreadyExistsException", "The identity is there already.")
        identities[body["EmailIdentity"]] = {"mail_from": ""}
        out = describe(body["EmailIdentity"], recorded)
    elif path.startswith("/v2/email/identities/"):
        domain, _, rest = path.removeprefix("/v2/email/identities/").partition("/")
        if domain not in identities:
            return error(404, "NotFoundException", f"Email identity {domain} does not exist.")
        if rest == "mail-from":
            identities[domain]["mail_from"] = body["MailFromDomain"]
        out = describe(domain, recorded)
    if out is None:
        return error(404, "UnknownOperationException", f"{method} {path} is not emulated")
    return Response(json.dumps(out), mimetype="application/json")
