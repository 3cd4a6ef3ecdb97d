"""The Metadata API: components read, created, updated and listed, each call checked by its WSDL.

simple-salesforce ships the WSDL (1.5 MB) and reads it for every instance; here it is read once a
process, when first needed. Its own calls log the session and raise bare texts: ours go through
the connection's link, and raise what every other call raises.

Not here: which components are sent (metadata_fields.py, metadata_values.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import requests
import simple_salesforce
import zeep
from lxml import etree  # type: ignore[import-untyped]
from simple_salesforce.exceptions import SalesforceGeneralError
from zeep.exceptions import Fault, TransportError
from zeep.transports import Transport
from zeep.wsdl import Document

from connectors.salesforce.client import Client
from connectors.salesforce.settings import API_VERSION
from connectors.salesforce.write_call import CallRefused, certain

NS = "http://soap.sforce.com/2006/04/metadata"
MOST = 10  # components a call
# the HTTP status that means what a fault says; any other is a refusal of what was sent
_STATUS = {
    "UNKNOWN_EXCEPTION": 500,
    "SERVER_UNAVAILABLE": 503,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INVALID_SESSION_ID": 401,
}
# an answer that breaks off, or has parts the WSDL does not know, is refused (simple-salesforce reads it as far as it
# goes): a list sent back without what was lost would retire it
_STRICT = zeep.Settings(strict=True, xsd_ignore_sequence_order=True)
Component = Any  # of the WSDL's types: its parts are attributes


class _Through(Transport):
    """Posts through the connection's link, and logs nothing: an envelope holds the session."""

    def __init__(self, link: requests.Session | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._link = link

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> requests.Response:
        assert self._link is not None  # noqa: S101 - the WSDL is a file: only calls are posted
        return self._link.post(address, data=message, headers=dict(headers))


@lru_cache(maxsize=1)
def _wsdl() -> Document:
    path = Path(simple_salesforce.__file__).parent / "metadata.wsdl"
    return Document(str(path), _Through(), settings=_STRICT)  # type: ignore[arg-type]


class Metadata:
    """The Metadata API of one org."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._zeep: Any = None

    @property
    def _soap(self) -> Any:
        if self._zeep is None:
            transport = _Through(self._client.link)
            self._zeep = zeep.Client(_wsdl(), transport=transport, settings=_STRICT)  # type: ignore[no-untyped-call]
        return self._zeep

    def new(self, kind: str, **parts: Any) -> Component:
        """A component, or a part of one, of the WSDL's type `kind`."""
        return self._soap.get_type(f"{{{NS}}}{kind}")(**parts)

    def read(self, kind: str, names: Sequence[str]) -> list[Component | None]:
        """The components of these full names, null for what there is not. Raises SourceRefused, SourceUnreachable."""
        found: list[Component | None] = []
        for start in range(0, len(names), MOST):
            part = list(names[start : start + MOST])
            answer = self._client.call(self._ask("readMetadata", kind, part))
            by_name = {one.fullName: one for one in answer or () if one is not None and one.fullName}
            found += [by_name.get(name) for name in part]
        return found

    def list(self, kind: str) -> dict[str, str]:
        """The ids of all components of a kind, by full name. Raises what `read` raises."""
        query = self.new("ListMetadataQuery", type=kind)
        answer = self._client.call(self._ask("listMetadata", [query], float(API_VERSION)))
        return {str(one.fullName): str(one.id) for one in answer or ()}

    def create(self, components: Sequence[Component]) -> None:
        """Creates components of one kind. Raises CallRefused for the first refused, NotSent, Unanswered."""
        self._save("createMetadata", components)

    def update(self, components: Sequence[Component]) -> None:
        """As `create`, for components that are there. What a component leaves out is lost: send all of it."""
        self._save("updateMetadata", components)

    def _save(self, operation: str, components: Sequence[Component]) -> None:
        for start in range(0, len(components), MOST):
            part = list(components[start : start + MOST])
            for result in certain(self._client, self._ask(operation, part)) or ():
                if not result.success:
                    raise CallRefused(str(result.errors[0].statusCode) if result.errors else "UNKNOWN_EXCEPTION")

    def shown(self, operation: str, component: Component) -> str:
        """What a call would send of a component, as a person reads it: no session, no namespaces."""
        body = etree.fromstring(etree.tostring(self._body(operation, component)))
        for element in body.iter():
            element.tag = etree.QName(element).localname
            for name in list(element.attrib):
                kind = element.attrib.pop(name).rpartition(":")[2]
                element.set(etree.QName(name).localname, kind)
        etree.cleanup_namespaces(body)
        text: str = etree.tostring(body, pretty_print=True, encoding="unicode")
        return text.strip()

    def state(self, components: Sequence[Component | None]) -> str:
        """A hash of components as they are: another one when anybody has changed anything in them."""
        told = hashlib.sha256()
        for one in components:
            told.update(b"-" if one is None else etree.tostring(self._body("updateMetadata", one), method="c14n2"))
        return told.hexdigest()

    def _body(self, operation: str, component: Component) -> Any:
        service = self._soap.create_service(f"{{{NS}}}MetadataBinding", "https://localhost")
        envelope = self._soap.create_message(service, operation, [component])
        return envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")[0]

    def _ask(self, operation: str, *arguments: Any) -> Callable[[Any], Any]:
        """The call, for whoever signs in and tries again. It raises what simple-salesforce's own calls raise."""

        def ask(salesforce: Any) -> Any:
            address = f"https://{salesforce.sf_instance}/services/Soap/m/{API_VERSION}"
            service = self._soap.create_service(f"{{{NS}}}MetadataBinding", address)
            header = self._soap.get_element(f"{{{NS}}}SessionHeader")(sessionId=salesforce.session_id)
            try:
                return getattr(service, operation)(*arguments, _soapheaders=[header])
            except Fault as fault:
                code = str(fault.code or "").rpartition(":")[2] or "UNKNOWN_EXCEPTION"
                told: Any = [{"errorCode": code}]
                raise SalesforceGeneralError(address, _STATUS.get(code, 400), "metadata", told) from None
            except TransportError as error:
                if int(error.status_code or 0) < 400:
                    raise ValueError("unreadable answer") from None
                raise SalesforceGeneralError(address, int(error.status_code), "metadata", b"") from None
            except (zeep.exceptions.Error, etree.LxmlError):
                raise ValueError("unreadable answer") from None

        return ask
