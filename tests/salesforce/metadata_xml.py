"""The Metadata API's XML: held against the WSDL, read to parts by name, written in its order.

Not here: what is done (metadata_soap.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import simple_salesforce
from lxml import etree

from tests.salesforce.metadata_set import Node, many

SOAP, XSI = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2001/XMLSchema-instance"
NS = "http://soap.sforce.com/2006/04/metadata"
# parts that may come several times, by their name
LISTS = frozenset(
    {"metadata", "fullNames", "queries", "value", "standardValue", "customValue", "values", "picklistValues",
     "fieldPermissions", "objectPermissions", "tabSettings", "userPermissions"}
)  # fmt: skip


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """The WSDL's own types; reading them takes a third of a second, once a process."""
    path = Path(simple_salesforce.__file__).parent / "metadata.wsdl"
    found = etree.parse(str(path)).find(".//{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(found)))


def type_of(element: Any) -> str:
    return str(element.get(f"{{{XSI}}}type", "")).rpartition(":")[2]


def parsed(element: Any) -> Any:
    """An element as text, or as its parts by name; parts that may repeat are lists."""
    if not len(element):
        return element.text or ""
    found: Node = {}
    for part in element:
        name = etree.QName(part).localname
        if name in LISTS:
            found.setdefault(name, []).append(parsed(part))
        else:
            found[name] = parsed(part)
    return found


def written(kind: str, node: Node | str) -> str:
    """A component by its parts, or as the XML of them."""
    inner = node if isinstance(node, str) else parts(node)
    return f'<records xmlns:xsi="{XSI}" xsi:type={quoteattr(kind)}>{inner}</records>'


def parts(node: Mapping[str, Any]) -> str:
    """Parts in the order of the WSDL: by name, after the full name and what the type extends."""
    names = sorted(node, key=lambda name: (name != "fullName", name == "converted", name))
    return "".join(part(name, one) for name in names for one in many(node, name))


def part(name: str, value: Any) -> str:
    if value is None:
        return ""
    inner = (
        parts(value)
        if isinstance(value, Mapping)
        else escape(str(value).lower() if value in (True, False) else str(value))
    )
    return f"<{name}>{inner}</{name}>"


def without_nil(answer: str) -> str:
    """The real one answers with nil for what it has not, which its own WSDL does not allow."""
    return answer.replace(f'<records xmlns:xsi="{XSI}" xsi:nil="true"/>', "")


def enveloped(inner: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:sf="{NS}">'
        f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
    ).encode()
