"""Rules about gold, standings and results: every sum is what its parts say."""

from __future__ import annotations

from crowd.services.check.rule import STANDING, by_sql

SCORED = """
    SELECT assignments.project_id, assignments.worker_id, COUNT(*) AS scored, SUM(gold_scores.score) AS total
    FROM gold_scores JOIN assignments ON assignments.id = gold_scores.assignment_id
    GROUP BY assignments.project_id, assignments.worker_id
"""
ANSWERED = """
    SELECT project_id, worker_id, COUNT(*) AS answered FROM assignments
    WHERE answer IS NOT NULL GROUP BY project_id, worker_id
"""
ALL_STANDINGS = "SELECT COUNT(*) FROM standings"

RULES = (
    by_sql(
        "gold counts",
        "each standing's gold count and score sum are those of its gold scores",
        seen=ALL_STANDINGS,
        wrong="SELECT 'worker ' || standings.worker_id || ' in project ' || standings.project_id || ': ' ||"
        " standings.gold_count || ' and ' || standings.score_sum || ', scored ' ||"
        " COALESCE(scored.scored, 0) || ' and ' || COALESCE(scored.total, 0) FROM standings"
        f" LEFT JOIN ({SCORED}) AS scored ON scored.project_id = standings.project_id"
        " AND scored.worker_id = standings.worker_id"
        " WHERE standings.gold_count <> COALESCE(scored.scored, 0)"
        " OR ABS(standings.score_sum - COALESCE(scored.total, 0)) > 0.000001"
        " OR standings.forgiven_count > standings.gold_count",
    ),
    by_sql(
        "answer counts",
        "each standing's answer count is that of its answers, and each answer has a standing",
        seen=ALL_STANDINGS,
        wrong="SELECT 'worker ' || standings.worker_id || ' in project ' || standings.project_id || ': ' ||"
        " standings.answer_count || ', gave ' || COALESCE(answered.answered, 0) FROM standings"
        f" LEFT JOIN ({ANSWERED}) AS answered ON answered.project_id = standings.project_id"
        " AND answered.worker_id = standings.worker_id"
        " WHERE standings.answer_count <> COALESCE(answered.answered, 0)"
        f" UNION ALL SELECT 'worker ' || answered.worker_id || ' in project ' || answered.project_id ||"
        f" ' has no standing' FROM ({ANSWERED}) AS answered LEFT JOIN standings"
        " ON standings.project_id = answered.project_id AND standings.worker_id = answered.worker_id"
        " WHERE standings.worker_id IS NULL",
    ),
    by_sql(
        "gold scores",
        "each gold score is of an answer to its gold answer's own task",
        seen="SELECT COUNT(*) FROM gold_scores",
        wrong="SELECT 'gold score of assignment ' || gold_scores.assignment_id FROM gold_scores"
        " LEFT JOIN assignments ON assignments.id = gold_scores.assignment_id"
        " LEFT JOIN gold ON gold.id = gold_scores.gold_id"
        " WHERE assignments.answer IS NULL OR gold.task_id IS NULL OR gold.task_id <> assignments.task_id"
        " OR gold.version < gold_scores.gold_version",
    ),
    by_sql(
        "gold tasks",
        "each gold task has its gold answer, and each gold answer's task is a gold task of its item",
        seen="SELECT COUNT(*) FROM gold",
        wrong="SELECT 'task ' || tasks.id || ' has no gold answer' FROM tasks"
        " LEFT JOIN gold ON gold.task_id = tasks.id WHERE tasks.is_gold AND gold.id IS NULL"
        " UNION ALL SELECT 'gold ' || gold.id || ' and task ' || tasks.id FROM gold"
        " JOIN tasks ON tasks.id = gold.task_id WHERE NOT tasks.is_gold OR tasks.item_id <> gold.item_id",
    ),
    by_sql(
        "results",
        "each consensus that is up to date stands on the answers that its task has",
        seen="SELECT COUNT(*) FROM results",
        wrong="SELECT 'task ' || results.task_id || ': ' || results.answer_count || ' of ' || ("
        f"SELECT COUNT(*) FROM assignments WHERE task_id = results.task_id AND state IN {STANDING})"
        " FROM results JOIN tasks ON tasks.id = results.task_id"
        " WHERE NOT tasks.is_stale AND NOT results.is_decided AND (results.answer_count = 0 OR"
        " results.answer_count <> (SELECT COUNT(*) FROM assignments"
        f" WHERE task_id = results.task_id AND state IN {STANDING}))"
        " UNION ALL SELECT 'task ' || tasks.id || ' is settled without a consensus' FROM tasks"
        " LEFT JOIN results ON results.task_id = tasks.id"
        " WHERE tasks.state = 'settled' AND results.task_id IS NULL",
    ),
)
