-- What is counted must never go back, and since when the machine answers moves on with each time it was away: what had
-- been counted before that was taken back, and written down as negative use. Only the last agreement limits it now.
create or replace function sandbox_ran_until(since timestamptz) returns timestamptz language sql stable strict as $$
  select least(now(), (select greatest(agreed_at + interval '15 seconds', since) from machine_contact))
$$;
alter table machine_contact drop column begun_at;
