"""Words of protected data: found in three languages, and not where they mean something else."""

from __future__ import annotations

import pytest

from leadpact import audit
from leadpact.audit.protected import categories, of_field, of_values, plain
from leadpact.settings import keep_mapping
from tests.rows import Rows, lead
from tests.worlds import NOW, World, pact

FOUND = {
    "f_religion": "religion", "f_Religious_Affiliation": "religion", "f_crença": "religion", "f_salud": "health",
    "f_blood_type": "health", "f_deficiencia": "health", "f_ethnicity": "ethnicity", "f_raza": "ethnicity",
    "f_orientacao_sexual": "sexual_orientation", "f_partido_politico": "politics", "PoliticalParty__c": "politics",
    "f_union_member": "union", "f_sindicato": "union", "f_fingerprint": "biometric", "f_huella_dactilar": "biometric",
    "Birthdate": "age", "f_date_of_birth": "age", "f_edad": "age", "f_faixa_etária": "age", "f_age": "age",
    "f_gender": "gender", "f_sexo": "gender", "f_estado_civil": "gender", "FechaDeNacimiento": "age",
}  # fmt: skip
NOT_FOUND = (
    "f_company_age", "f_account_age_days", "f_lead_age", "f_stage", "f_language", "f_webpage", "f_message", "f_average",
    "f_account_health", "f_health_score", "f_credit_union", "f_european_union", "f_third_party", "f_essex", "f_trace",
    "f_healthcare_segment", "f_politica_de_privacidad", "f_genero_musical", "f_edadismo", "f_region", "country",
    "email",
    "f_industry", "f_employees", "f_budget", "f_cargo", "f_sector",
)  # fmt: skip


@pytest.mark.parametrize(("name", "category"), FOUND.items())
def test_a_field_of_protected_data_is_found(name: str, category: str) -> None:
    found = of_field([name])
    assert found is not None and found.category == category


@pytest.mark.parametrize("name", NOT_FOUND)
def test_a_field_of_something_else_is_not(name: str) -> None:
    assert of_field([name]) is None


def test_a_label_counts_as_the_name_does_and_may_say_it_is_something_else() -> None:
    assert of_field(["f_x1", "Religión"]) is not None
    assert of_field(["f_age", "Company age in years"]) is None


def test_values_count_where_the_field_speaks_of_a_person() -> None:
    found = of_values(["f_tag"], ["VIP", "Católica"])
    assert found is not None and (found.category, found.word) == ("religion", "catolica")
    assert of_values(["f_industry"], ["Catholic schools"]) is None
    assert of_values(["f_campaign_name"], ["Pregnancy webinar"]) is None
    assert of_values(["f_tag"], ["Christiansen", "Latinoamérica", ""]) is None


def test_every_category_has_words_that_are_found_by_themselves() -> None:
    for category in categories():
        assert category.fields
        for word in category.fields:
            found = of_field([" ".join(word)])
            assert found is not None, word


def test_words_are_read_from_any_spelling() -> None:
    assert plain("Fecha_deNacimiento2") == ("fecha", "de", "nacimiento")
    assert plain("SALÚD-mental") == ("salud", "mental")
    assert plain("") == ()


def test_what_the_confirmed_mapping_calls_a_field_reaches_the_rule(world: World) -> None:
    source = Rows(record=[lead("ana", status="MQL", f_x1="A")])
    world.sync(source)
    mapping = "tables: [{source: leads, to: leads, fields: {record_id: Id, country: País}, custom: {f_x1: Religión}}]"
    keep_mapping(world.workspace.database, "small", mapping, NOW)
    rule = {"id": "x", "category": "fit", "when": {"field": "x1", "op": "filled"}, "points": 1}
    judged = pact(scoring={"rules": [rule]})
    analysis = world.analyse(judged)
    assert analysis.labels() == {"record_id": ["Id"], "country": ["País"], "f_x1": ["Religión"]}
    (found,) = audit.run(analysis, codes=["DEF04"]).findings
    assert (found.value, found.records, found.evidence["category"]) == ("x1", 1, "religion")


def test_without_a_confirmed_mapping_only_names_tell(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    assert world.analyse().labels() == {}
