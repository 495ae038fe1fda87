-- Sums by day without the ids of the customer: a report by workspace, project and day reads these few instead of
-- those of every user. Written in the transaction that writes records and sums by day; '' for none.
create table usage_place_days (
  org text not null,
  day date not null,
  dimension text not null,
  workspace_id text not null,
  project_id text not null,
  quantity bigint not null,
  cost_micros bigint not null,
  primary key (org, day, dimension, workspace_id, project_id)
) with (fillfactor = 70);
select atoll_protect('usage_place_days');

insert into usage_place_days
select org, day, dimension, workspace_id, project_id, sum(quantity), sum(cost_micros)
from usage_days group by 1, 2, 3, 4, 5;

-- Small indexes that find the days of a report without reading the keys of all owners.
create index usage_days_day on usage_days (org, day);
create index usage_months_month on usage_months (org, month);

-- Reports read a million rows: what a transaction may see is looked up once for all of them, not for each. The
-- condition is that of atoll_protect.
do $$
declare
  known record;
begin
  for known in select c.oid::regclass as name, c.relname from pg_class c where c.oid in ('usage_records'::regclass,
      'usage_days'::regclass, 'usage_months'::regclass, 'usage_place_days'::regclass) loop
    execute format('alter policy tenant on %s using (%s) with check (%s)', known.name,
      regexp_replace(atoll_condition(known.name, true, false), '(current_setting\(''[a-z_.]+'', true\))', '(select \1)', 'g'),
      atoll_condition(known.name, true, true));
  end loop;
end
$$;

-- Who is confined to one end user sees nothing of sums over all of them.
create policy confined on usage_place_days as restrictive to atoll_app
  using ((select coalesce(current_setting('atoll.external_user', true), '')) = '');
