-- When a deed took it: a deed that is refused gives it back.
alter table action_allowances add column taken_at timestamptz;
