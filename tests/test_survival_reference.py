"""The reference answers on real data: Olist's reach, and the time loan offers spend in each status."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from leadpact.metrics.survival import cumulative_incidence, kaplan_meier, left_by, quantiles

DAY = 86_400.0


def test_olist_won_within_30_60_and_90_days(shared_data):
    leads = pd.read_csv(
        shared_data / "olist" / "olist_marketing_qualified_leads_dataset.csv", parse_dates=["first_contact_date"]
    )
    deals = pd.read_csv(shared_data / "olist" / "olist_closed_deals_dataset.csv", parse_dates=["won_date"])
    as_of = pd.Timestamp("2018-03-31 23:59:59")
    frame = leads.merge(deals[["mql_id", "won_date"]], how="left", on="mql_id")
    frame = frame[frame["first_contact_date"] <= as_of]
    won = frame["won_date"] <= as_of
    end = frame["won_date"].where(won, as_of)
    days = (end - frame["first_contact_date"]).dt.total_seconds() / DAY
    frame = pd.DataFrame({"days": days, "code": won.astype(int)})
    assert (len(frame), frame["code"].sum()) == (5345, 336)
    found = cumulative_incidence(ibis.memtable(frame), by=[], duration="days", event_code="code", days=[30, 60, 90])
    answers = ibis.duckdb.connect().to_pyarrow(found.order_by("days"))["probability"].to_pylist()
    assert answers == pytest.approx([0.055819, 0.06704, 0.070329], abs=5e-7)


OFFERS = {  # status: entries, open, median, left by 1, 7 and 30 days
    "O_SENT": (7030, 241, 7.972129, 0.167461, 0.413113, 0.901112),
    "O_SENT_BACK": (3454, 89, 3.872237, 0.157302, 0.850189, 0.989121),
    "O_CANCELLED": (3655, 1640, 0.00002, 0.5513, 0.5513, 0.5513),
    "O_ACCEPTED": (2243, 2243, None, 0, 0, 0),
    "O_DECLINED": (802, 802, None, 0, 0, 0),
}


def test_days_of_loan_offers_in_each_status(shared_data):
    changes = pd.read_csv(shared_data / "bpic12_offers" / "status_changes.csv")
    changes["t"] = pd.to_datetime(changes["t"], format="ISO8601", utc=True)
    changes = changes.sort_values(["case", "t", "seq"])
    left = changes.groupby("case")["t"].shift(-1)
    spells = pd.DataFrame(
        {
            "status": changes["status"],
            "days": (left.fillna(changes["t"].max()) - changes["t"]).dt.total_seconds() / DAY,
            "left": left.notna(),
        }
    )
    con = ibis.duckdb.connect()
    curve = kaplan_meier(ibis.memtable(spells), by=["status"], duration="days", event="left")
    medians = {row["status"]: row for row in con.to_pyarrow(quantiles(curve, ["status"], {"median": 0.5})).to_pylist()}
    shares = left_by(curve, ["status"], {"d1": 1, "d7": 7, "d30": 30})
    within = {row["status"]: row for row in con.to_pyarrow(shares).to_pylist()}
    for status, (entries, still_open, median, *by_days) in OFFERS.items():
        found = medians[status]
        assert (found["n"], found["n_open"]) == (entries, still_open)
        assert found["median"] == (None if median is None else pytest.approx(median, abs=5e-7))
        assert [within[status][name] for name in ("d1", "d7", "d30")] == pytest.approx(by_days, abs=5e-7)
