"""The Metadata API's SOAP endpoint: the envelope is held against the WSDL, then the work is done.

Elements in another order, of another type or unknown are refused as the real one refuses them;
one call takes at most ten components of one type, and each has a result of its own.

Not here: what components are (metadata_set.py, metadata_fields.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from tests.salesforce import metadata_fields, metadata_set
from tests.salesforce.answers import Answer, Refusal, Request, route
from tests.salesforce.metadata_set import Node, Unsaved, setup
from tests.salesforce.metadata_xml import NS, SOAP, XSI, enveloped, parsed, schema, type_of, without_nil, written
from tests.salesforce.org import Org, id18

MOST = 10
Read = Callable[[Org, str], Node | str | None]
Write = Callable[[Org, Node], None]


def _of(held: str) -> Read:
    return lambda org, name: getattr(setup(org), held).get(name)


def _component(kind: str) -> Read:
    return lambda org, name: setup(org).components.get(kind, {}).get(name)


_kept = {one: _component(one) for one in ("Flow", "Workflow", "ValidationRule", "AssignmentRules", "ApprovalProcess")}
READ: Mapping[str, Read] = {
    "CustomField": metadata_fields.read_field,
    "StandardValueSet": metadata_set.read_standard,
    "GlobalValueSet": metadata_set.read_global,
    "RecordType": _of("record_types"),
    "BusinessProcess": _of("processes"),
    "PermissionSet": _of("permission_sets"),
}
CREATE: Mapping[str, Write] = {
    "CustomField": metadata_fields.create_field,
    "PermissionSet": lambda org, node: metadata_set.write_permission_set(org, node, new=True),
}
UPDATE: Mapping[str, Write] = {
    "CustomField": metadata_fields.update_field,
    "StandardValueSet": metadata_set.write_standard,
    "GlobalValueSet": metadata_set.write_global,
    "RecordType": metadata_set.write_record_type,
    "BusinessProcess": metadata_set.write_process,
    "PermissionSet": lambda org, node: metadata_set.write_permission_set(org, node, new=False),
}


class Fault(Exception):
    """The whole call is refused."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@route("POST", r"//services/Soap/m/(?P<version>\d\d\.0)", open=True)
def metadata(request: Request) -> Answer:
    try:
        if not request.headers.get("content-type", "").startswith("text/xml"):
            return Answer(415)
        call = _call(request)
        server = request.server
        server.api_used += 1
        if server.api_used > server.api_allowed:
            raise Fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if not setup(request.org).may:
            raise Fault(
                "INSUFFICIENT_ACCESS",
                "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
            )
        name = etree.QName(call).localname
        setup(request.org).calls.append((name, _named(call)))
        handlers = {
            "readMetadata": _read, "createMetadata": _create, "updateMetadata": _update, "listMetadata": _list,
        }  # fmt: skip
        if name not in handlers:
            raise Fault("INVALID_OPERATION", f"No operation {name} here")
        with request.org.lock:
            body = handlers[name](request.org, call)
    except Fault as fault:
        text = f"<faultcode>sf:{fault.code}</faultcode><faultstring>{fault.code}: {escape(fault.message)}</faultstring>"
        return Answer(500, enveloped(f"<soapenv:Fault>{text}</soapenv:Fault>"), kind="text/xml;charset=UTF-8")
    answer = f'<{name}Response xmlns="{NS}">{body}</{name}Response>'
    schema().assertValid(etree.fromstring(without_nil(answer)))  # a server that speaks nonsense proves nothing
    return Answer(200, enveloped(answer), kind="text/xml;charset=UTF-8")


def _call(request: Request) -> Any:
    try:
        envelope = etree.fromstring(request.body)
    except etree.XMLSyntaxError:
        raise Fault("UNKNOWN_EXCEPTION", "Premature end of file") from None
    session = envelope.findtext(f"{{{SOAP}}}Header/{{{NS}}}SessionHeader/{{{NS}}}sessionId", "")
    if request.server.access.who(session) is None:
        raise Fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    body = envelope.find(f"{{{SOAP}}}Body")
    if body is None or len(body) != 1:
        raise Fault("UNKNOWN_EXCEPTION", "No operation in the body")
    call = etree.fromstring(etree.tostring(body[0]))
    if not schema().validate(call):
        raise Fault("UNKNOWN_EXCEPTION", f"unexpected element: {schema().error_log.last_error}")
    return call


def _named(call: Any) -> str:
    kind = call.findtext(f"{{{NS}}}type", "") or next((type_of(one) for one in call if one.get(f"{{{XSI}}}type")), "")
    names = [one.text for one in call.iter(f"{{{NS}}}fullNames")] or [
        one.findtext(f"{{{NS}}}fullName", "") for one in call.findall(f"{{{NS}}}metadata")
    ]
    return f"{kind}:{','.join(names)}"


# -- operations -----------------------------------------------------------------------------------


def _read(org: Org, call: Any) -> str:
    asked = parsed(call)
    names = asked.get("fullNames", [])
    if len(names) > MOST:
        raise Fault("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 10 records into this call")
    read = READ.get(asked["type"]) or _kept.get(asked["type"])
    if read is None:
        raise Fault("INVALID_TYPE", f"This server keeps no {asked['type']}")
    told = []
    for name in names:
        try:
            found = read(org, name)
        except Unsaved:
            found = None
        nil = f'<records xmlns:xsi="{XSI}" xsi:nil="true"/>'
        told.append(written(asked["type"], found) if found is not None else nil)
    return f"<result>{''.join(told)}</result>"


def _create(org: Org, call: Any) -> str:
    return _saved(org, call, CREATE)


def _update(org: Org, call: Any) -> str:
    return _saved(org, call, UPDATE)


def _saved(org: Org, call: Any, writers: Mapping[str, Write]) -> str:
    components = call.findall(f"{{{NS}}}metadata")
    kinds = {type_of(one) for one in components}
    if len(components) > MOST or len(kinds) != 1:
        raise Fault("EXCEEDED_ID_LIMIT", "at most 10 components, all of one type")
    writer = writers.get(kinds.pop())
    if writer is None:
        raise Fault("INVALID_TYPE", "This server does not save such components")
    told = []
    for one in components:
        node, errors = parsed(one), ""
        try:
            writer(org, node)
        except Unsaved as refusal:
            fields = "".join(f"<fields>{escape(name)}</fields>" for name in refusal.fields)
            text = f"{fields}<message>{escape(refusal.message)}</message><statusCode>{refusal.code}</statusCode>"
            errors = f"<errors>{text}</errors>"
        success = "false" if errors else "true"
        told.append(
            f"<result>{errors}<fullName>{escape(node['fullName'])}</fullName><success>{success}</success></result>"
        )
    return "".join(told)


def _list(org: Org, call: Any) -> str:
    told = []
    for query in parsed(call)["queries"]:
        held = {"RecordType": setup(org).record_types, "BusinessProcess": setup(org).processes,
                "PermissionSet": setup(org).permission_sets,
                **setup(org).components}.get(query["type"], {})  # fmt: skip
        for place, name in enumerate(held):
            key = next(
                (row["Id"] for row in org.rows["PermissionSet"].values() if row["Name"] == name),
                id18(f"0125e{place:010d}"),
            )
            at = "2026-01-01T00:00:00.000Z"
            told.append(
                f"<result><createdById>{org.admin}</createdById><createdByName>A</createdByName><createdDate>{at}</createdDate>"
                f"<fileName>f</fileName><fullName>{escape(name)}</fullName><id>{key}</id><lastModifiedById>{org.admin}"
                f"</lastModifiedById><lastModifiedByName>A</lastModifiedByName><lastModifiedDate>{at}</lastModifiedDate>"
                f"<type>{query['type']}</type></result>"
            )
    return "".join(told)


# -- giving a permission set to somebody, which is a record ---------------------------------------------


@route("POST", "/sobjects/PermissionSetAssignment")
def assign(request: Request) -> Answer:
    org, wanted = request.org, request.json()
    if not setup(org).may_assign:
        raise Refusal(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    key = (wanted.get("AssigneeId"), wanted.get("PermissionSetId"))
    if set(wanted) != {"AssigneeId", "PermissionSetId"} or key[0] not in org.rows["User"]:
        raise Refusal(400, "REQUIRED_FIELD_MISSING", "Required fields are missing")
    rows = org.rows["PermissionSetAssignment"].values()
    if key in {(row["AssigneeId"], row["PermissionSetId"]) for row in rows}:
        raise Refusal(400, "DUPLICATE_VALUE", "duplicate value found: PermissionSetAssignment")
    name = next(row["Name"] for row in org.rows["PermissionSet"].values() if row["Id"] == key[1])
    metadata_set.assign(org, name, key[0])
    return Answer(201, {"id": "0Pa", "success": True, "errors": []})
