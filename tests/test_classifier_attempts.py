"""Attempts in the tenses of notes, failed ones, and what stands beside a touch without adding to it."""

from __future__ import annotations

import pytest

from leadpact.audit.classifier import classify


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        # What somebody did, in Spanish and Portuguese.
        ("Agendó", "action"),
        ("Le envié la oferta", "action"),
        ("Presentó propuesta", "action"),
        ("Vino a la tienda", "action"),
        ("Quedó de avisar", "action"),
        ("Contestó y colgó", "action"),
        ("Pide que lo llamen", "action"),
        ("Remarcou", "action"),
        ("Cliente agendou", "action"),
        ("Enviei orçamento", "action"),
        ("Apresentou proposta", "action"),
        ("Pediu para ligar amanhã", "action"),
        ("Cx postal", "action"),
        ("Primeiro atendimento", "action"),
        ("Rabiscou", "action"),  # a verb no lexicon has
        ("Rabiscaram", "action"),
        # In English.
        ("Tried twice", "action"),
        ("Nudged", "action"),
        ("Persuading", "action"),
        ("Stopped by", "action"),
        ("Walked in", "action"),
        ("Screened by phone", "action"),
        ("Wants a quote", "action"),
        ("Agent said he will call back", "action"),
        ("Wrong #", "action"),
        ("Reset", "action"),
        ("Please decline", "action"),
        ("Decline", "state"),
        ("Call error", "action"),
        ("Error de envío", "action"),
        ("Erro na ligação", "action"),
        # What a touch was about adds nothing, a state beside it does.
        ("Notified of decline", "action"),
        ("Contacted for renewal", "action"),
        ("Llamada de rechazo", "action"),
        ("Em agendamento de assinatura", "action"),
        ("Contacted - Renewal", "mixed"),
        ("Contacted working", "mixed"),
        ("Renewal quote sent", "action"),
        ("Nova proposta enviada", "action"),
        ("New - proposal sent", "mixed"),
        ("New deadline provided", "action"),
        ("Ligar no fim do mês", "action"),
        ("Ligação - Fim", "mixed"),
        # What the lead did with a paper.
        ("Proposal viewed", "action"),
        ("Oferta vista", "action"),
        ("Proposta visualizada", "action"),
        ("Quiere ver la casa", "action"),
        # Where it went is the outcome of a call.
        ("Call transferred", "action"),
        ("Transferred", "state"),
        ("Meeting accepted", "action"),
        ("Convite aceito", "action"),
        ("Accepted", "state"),
        ("Failed contact", "action"),
        ("Failed", "state"),
    ],
)
def test_attempts(value: str, kind: str) -> None:
    assert classify(value).kind == kind


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        # A deed denied is a state, a thing that is lacking a reason.
        ("Not accredited", "state"),
        ("Did not graduate", "state"),
        ("No garden", "reason"),
        ("Sin jardín", "reason"),
        ("Not affordable", "reason"),
        ("No consiguió crédito", "reason"),
        # Waited for: people and papers, not the vague words for them.
        ("Waiting on someone else", "state"),
        ("Esperando a otra persona", "state"),
        ("Aguardando outra pessoa", "state"),
        ("Awaiting info", "state"),
        ("Aguardando informações", "state"),
        ("Awaiting", "vague"),
        ("Contact details", "vague"),
        # Asked to be left alone.
        ("Asked not to be called", "state"),
        ("Pidió no ser contactado", "state"),
        ("Solicitou não receber ligações", "state"),
        # What the lead took is a state, what we took for it an action.
        ("Seat booked", "state"),
        ("Booked", "action"),
        # The way an inquiry came by does not make it a channel.
        ("Inquiry - Web", "state"),
        ("Web", "source"),
        ("Refuses to pay", "reason"),
        ("Churned", "state"),
        ("Churn - Price", "reason"),
        ("Listo para despegue", "state"),
        # Marked as retired, wherever the mark stands.
        ("(inactive) Contacted", "obsolete"),
        ("Contacted (inactive)", "obsolete"),
        ("Inactive - Contacted", "mixed"),
        ("Already booked", "reason"),
    ],
)
def test_what_is_no_attempt(value: str, kind: str) -> None:
    assert classify(value).kind == kind
