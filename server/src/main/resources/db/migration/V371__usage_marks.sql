-- Each change leaves a mark of its own. With one for each resource, a change that found the mark of an earlier one
-- left none, and when that was taken by who wrote use down before the change was committed, its last growth was
-- never written down.
alter table usage_due drop constraint usage_due_pkey;
create index usage_due_resource on usage_due (resource_id);

create or replace function usage_mark() returns trigger language plpgsql as $$
begin
  insert into usage_due (resource_id, org) values (new.id, new.org);
  return null;
end
$$;
