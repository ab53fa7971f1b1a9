"""Rules about lending and answering: no task too often, no worker twice, every counter right."""

from __future__ import annotations

from crowd.services.check.rule import STANDING, by_sql

COUNTED = f"""
    SELECT tasks.id, tasks.overlap, tasks.live_count, tasks.answer_count,
           COALESCE(SUM(CASE WHEN assignments.state = 'assigned' THEN 1 ELSE 0 END), 0) AS live,
           COALESCE(SUM(CASE WHEN assignments.state IN {STANDING} THEN 1 ELSE 0 END), 0) AS standing
    FROM tasks LEFT JOIN assignments ON assignments.task_id = tasks.id
    GROUP BY tasks.id, tasks.overlap, tasks.live_count, tasks.answer_count
"""

ALL_TASKS = "SELECT COUNT(*) FROM tasks"
ALL_ANSWERS = "SELECT COUNT(*) FROM assignments WHERE answer IS NOT NULL"

RULES = (
    by_sql(
        "over-assignment",
        "no task has more loans and answers than its overlap",
        seen=ALL_TASKS,
        wrong=f"SELECT 'task ' || id || ': ' || (live + standing) || ' of ' || overlap"
        f" FROM ({COUNTED}) AS counted WHERE live + standing > overlap",
    ),
    by_sql(
        "task counters",
        "each task's counters are what its assignments say",
        seen=ALL_TASKS,
        wrong=f"SELECT 'task ' || id || ': counts ' || live_count || ' loans and ' || answer_count ||"
        f" ' answers, has ' || live || ' and ' || standing FROM ({COUNTED}) AS counted"
        " WHERE live <> live_count OR standing <> answer_count",
    ),
    by_sql(
        "double answers",
        "no worker has answered a task twice, or had it twice",
        seen="SELECT COUNT(*) FROM assignments",
        wrong="SELECT 'task ' || task_id || ' and worker ' || worker_id || ': ' || COUNT(*) || ' times'"
        " FROM assignments GROUP BY task_id, worker_id HAVING COUNT(*) > 1",
    ),
    by_sql(
        "whole answers",
        "each answer has its label, its moment, its trust and a deadline for approval",
        seen=ALL_ANSWERS,
        wrong="SELECT 'assignment ' || id || ' is ' || state FROM assignments"
        " WHERE (state IN ('submitted', 'approved', 'rejected') AND (answer IS NULL OR label IS NULL"
        " OR submitted_at IS NULL OR trust IS NULL OR approve_at IS NULL))"
        " OR (state NOT IN ('submitted', 'approved', 'rejected') AND answer IS NOT NULL)",
    ),
    by_sql(
        "one project",
        "each assignment is of its task's project, each task of its batch's",
        seen="SELECT COUNT(*) FROM assignments",
        wrong="SELECT 'assignment ' || assignments.id FROM assignments"
        " JOIN tasks ON tasks.id = assignments.task_id WHERE tasks.project_id <> assignments.project_id"
        " UNION ALL SELECT 'task ' || tasks.id FROM tasks"
        " JOIN batches ON batches.id = tasks.batch_id WHERE batches.project_id <> tasks.project_id",
    ),
    by_sql(
        "audited answers",
        "each answer is in the audit trail once",
        seen=ALL_ANSWERS,
        wrong="SELECT 'assignment ' || assignments.id || ': ' || COALESCE(told.times, 0) || ' times'"
        " FROM assignments LEFT JOIN (SELECT subject, COUNT(*) AS times FROM audit_events"
        " WHERE act = 'answer.submitted' GROUP BY subject) AS told"
        " ON told.subject = 'assignment:' || assignments.public_id"
        " WHERE assignments.answer IS NOT NULL AND COALESCE(told.times, 0) <> 1",
    ),
)
