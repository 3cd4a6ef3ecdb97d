"""Writing to a CRM without fear: a plan is data, and only the plan that was reviewed is applied.

    plan  = plans.make(database, draft, rows, tally)          # rows with before and after; a hash
    plan  = plans.find(database, plan.id)                     # looked at by a person
    done  = applying.apply(database, target, plan.id, expected_hash=…, …)
    undo  = undoing.plan(database, target, plan.id, …)        # the sides swapped, through the same door

Kinds of plan: `writeback` (what LeadPact knows, into fields of its own: wanted.py, difference.py),
`undo`. A repair of statuses is one more kind: rows of its own, and nothing else changes here.

Not here: who may do it (ui/access.py; whoever reads the home on the command line), how a CRM is
read and written (connectors).
"""
