"""What a worker may book as one plain SQL join: how one would write it first.

Every open shift beside its openings, the worker's posts, their papers and their hours, and the
rules as conditions, roughly: papers that last, training that is fresh, skills, at a partner an
agreement that covers the shift and the host's clearance, eleven hours of rest, 48 hours a week on
average. On the data it is asked about it finds the very shifts that the service finds
(`searching` demands that). It has the primary keys and the ordinary indexes by organisation,
shift, person and start, and none of those that are there for searching.
"""

import time
from collections.abc import Iterable, Iterator
from uuid import UUID

import psycopg
import sqlalchemy as sa

SEARCH_INDEXES = ("ix_shift_search", "ix_shift_search_fallback", "ix_shift_search_displaceable")
PAGE = 50
"""As many as the API gives where nobody says how many."""

QUERY = """
SELECT s.id
FROM shift s
JOIN unit u ON u.id = s.unit_id
JOIN site i ON i.id = s.site_id
JOIN opening o ON o.shift_id = s.id AND o.replaced_at IS NULL AND o.opens_at <= now()
JOIN bank_post p ON p.person_id = %(person)s
JOIN LATERAL (
  SELECT p.role, p.grade
  UNION
  SELECT one ->> 0, one ->> 1 FROM jsonb_array_elements(p.entitlements) one
) held ON held.role = s.role
  AND held.grade = CASE o.tier WHEN 'own_fallback' THEN s.fallback_grade ELSE s.grade END
JOIN fact registration ON registration.person_id = p.person_id
  AND registration.kind = 'registration'
  AND registration.superseded_by_id IS NULL
  AND registration.value ->> 'status' = 'registered'
  AND registration.valid_until >= s.ends_at::date
JOIN fact dbs ON dbs.person_id = p.person_id
  AND dbs.kind = 'dbs'
  AND dbs.superseded_by_id IS NULL
  AND dbs.value ->> 'level' = 'enhanced_barred'
JOIN fact work ON work.person_id = p.person_id
  AND work.kind = 'right_to_work'
  AND work.superseded_by_id IS NULL
  AND work.valid_until >= s.ends_at::date
WHERE s.state = 'open'
  AND s.starts_at > now()
  AND p.starts_on <= s.starts_at::date
  AND (p.ends_on IS NULL OR p.ends_on >= s.ends_at::date)
  AND (
    (o.tier IN ('own_bank', 'own_fallback') AND p.organisation_id = s.organisation_id)
    OR (o.tier = 'partner' AND EXISTS (
      SELECT 1 FROM coverage c
      WHERE c.host_id = s.organisation_id
        AND c.partner_id = p.organisation_id
        AND c.staff_group = s.staff_group
        AND c.grade = s.grade
        AND (c.site_id IS NULL OR c.site_id = s.site_id)
        AND c.from_on <= s.starts_at::date
        AND (c.until_on IS NULL OR c.until_on >= s.starts_at::date))
      AND EXISTS (
        SELECT 1 FROM clearance l
        WHERE l.holder_id = p.person_id
          AND l.host_id = s.organisation_id
          AND l.home_id = p.organisation_id
          AND l.role = s.role
          AND l.grade = s.grade
          AND l.instrument = 'bank_assignment'
          AND l.state = 'cleared'
          AND l.until_on >= s.ends_at::date))
  )
  AND NOT EXISTS (
    SELECT 1 FROM (VALUES
      ('CR', 1, 36), ('EDHR', 1, 36), ('FIRE', 1, 24), ('HSW', 1, 36), ('IG', 1, 12),
      ('IPC', 2, 12), ('MH', 2, 24), ('PREV', 2, 36), ('RESUS_ADULT', 2, 12),
      ('SGA', 2, 36), ('SGC', 2, 36), ('OMMT', 2, 36)
    ) needed (subject, level, months)
    WHERE NOT EXISTS (
      SELECT 1 FROM fact f
      WHERE f.person_id = p.person_id
        AND f.kind = 'training'
        AND f.superseded_by_id IS NULL
        AND f.value ->> 'subject' = needed.subject
        AND (f.value ->> 'level')::int >= needed.level
        AND f.awarded_on + make_interval(months => needed.months) >= s.ends_at))
  AND NOT EXISTS (
    SELECT 1 FROM jsonb_array_elements_text(s.skills) asked (code)
    WHERE NOT EXISTS (
      SELECT 1 FROM fact f
      WHERE f.person_id = p.person_id
        AND f.kind = 'skill'
        AND f.superseded_by_id IS NULL
        AND f.value ->> 'code' = asked.code))
  AND NOT EXISTS (
    SELECT 1 FROM hours h
    WHERE h.holder_id = p.person_id
      AND h.starts_at < s.ends_at + CASE WHEN h.minutes > 0 THEN interval '11 hours'
                                         ELSE interval '0' END
      AND h.rest_until > s.starts_at)
  AND (
    SELECT coalesce(sum(h.minutes), 0) FROM hours h
    WHERE h.holder_id = p.person_id
      AND h.starts_at > s.ends_at - interval '17 weeks'
      AND h.starts_at < s.ends_at
  ) + extract(epoch FROM s.ends_at - s.starts_at) / 60 <= 17 * 48 * 60
GROUP BY s.id, s.starts_at
ORDER BY s.starts_at, s.id
LIMIT %(page)s
"""


def ask(url: str, people: Iterable[UUID]) -> Iterator[tuple[float, list[UUID]]]:
    """For each person: how long it took, and the shifts of the first page.

    The search's own indexes are dropped meanwhile, in a transaction that is rolled back.
    """
    plain = sa.make_url(url).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
        connection.execute(f"DROP INDEX {', '.join(SEARCH_INDEXES)}")
        for person in people:
            began = time.perf_counter()
            rows = connection.execute(QUERY, {"person": person, "page": PAGE}).fetchall()
            yield time.perf_counter() - began, [row[0] for row in rows]
        connection.rollback()
