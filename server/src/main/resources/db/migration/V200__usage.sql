-- What is used is written down as the growth of counters that only ever grow and that follow from rows:
-- however often a process ends in between, the sum of what was written is the counter.

-- Counters of a resource before its size last changed: from there on it counts at its present size.
create table usage_shapes (
  resource_id text primary key,
  org text not null,
  run_ms bigint not null,
  vcpu_ms bigint not null,
  memory_mb_ms bigint not null
);
select atoll_protect('usage_shapes');

-- Resources that have stopped growing and whose last growth was not written down yet.
create table usage_due (
  resource_id text primary key,
  org text not null
);
create index usage_due_org on usage_due (org);
select atoll_protect('usage_due');

-- The counters of resources whose rows are gone.
create table usage_closed (
  kind text not null,
  resource_id text not null,
  org text not null,
  workspace_id text,
  project_id text,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  run_id text,
  dimension text not null,
  total bigint not null,
  primary key (resource_id, dimension)
);
create index usage_closed_org on usage_closed (org);
select atoll_protect('usage_closed', false);

-- How far each counter has been written down.
create table usage_cursors (
  resource_id text not null,
  dimension text not null,
  org text not null,
  total bigint not null,
  primary key (resource_id, dimension)
) with (fillfactor = 70);
select atoll_protect('usage_cursors');

-- What a resource used of a dimension in an hour, in the dimension's least unit, and its price in
-- millionths of a credit. It belongs to whom it belonged when the hour's first use was written down.
create table usage_records (
  org text not null,
  hour timestamptz not null,
  kind text not null,
  resource_id text not null,
  dimension text not null,
  workspace_id text,
  project_id text,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  run_id text,
  quantity bigint not null,
  cost_micros bigint not null,
  primary key (resource_id, dimension, hour)
) with (fillfactor = 70);
create index usage_records_org on usage_records (org, hour);
select atoll_protect('usage_records');

-- The same by day and owner, which is what reports add up; '' for none.
create table usage_days (
  org text not null,
  day date not null,
  dimension text not null,
  workspace_id text not null,
  project_id text not null,
  external_workspace_id text not null,
  external_user_id text not null,
  external_project_id text not null,
  quantity bigint not null,
  cost_micros bigint not null,
  primary key (org, day, dimension, workspace_id, project_id, external_workspace_id, external_user_id,
    external_project_id)
) with (fillfactor = 70);
create index usage_days_user on usage_days (org, external_user_id, day) where external_user_id <> '';
select atoll_protect('usage_days');

-- Disk in use over time, also while a sandbox is paused.
alter table sandbox_meters add column disk_mb_ms bigint not null default 0;

-- Volumes and snapshots grow with time and size, releases with time once they are ready.
create view usage_counters with (security_invoker = true) as
select 'sandbox' as kind, s.id as resource_id, s.org, s.workspace_id, s.project_id,
  s.external_workspace_id, s.external_user_id, s.external_project_id, s.metadata ->> 'run_id' as run_id,
  d.dimension, d.total
from sandboxes s
  left join usage_shapes b on b.resource_id = s.id
  left join sandbox_meters m on m.sandbox_id = s.id
  cross join lateral (select s.runtime_ms
    + greatest(0, coalesce(extract(epoch from now() - s.running_since) * 1000, 0))::bigint as ms) r
  cross join lateral (values
    ('sandbox_seconds', r.ms),
    ('sandbox_vcpu_seconds', coalesce(b.vcpu_ms, 0) + (r.ms - coalesce(b.run_ms, 0)) * s.cpu_count),
    ('sandbox_memory_gb_seconds', coalesce(b.memory_mb_ms, 0) + (r.ms - coalesce(b.run_ms, 0)) * s.memory_mb),
    ('sandbox_cpu_seconds', m.cpu_micros / 1000),
    ('sandbox_storage_gb_months', (m.disk_mb_ms + greatest(0, extract(epoch from
      coalesce(s.destroyed_at, now()) - m.measured_at) * 1000) * m.disk_bytes / 1048576)::bigint),
    ('sandbox_received_gb', m.received_bytes),
    ('sandbox_sent_gb', m.sent_bytes)
  ) as d (dimension, total)
where d.total > 0 and s.error_reason is distinct from 'not_started'
union all
select 'instance', i.id, i.org, p.workspace_id, p.project_id, p.external_workspace_id, p.external_user_id,
  p.external_project_id, null, d.dimension, d.total
from deployment_instances i
  join deployments p on p.id = i.deployment_id
  join deployment_versions v on v.id = i.version_id
  cross join lateral (select
    greatest(0, extract(epoch from coalesce(i.stopped_at, now()) - i.created_at) * 1000)::bigint as ms) r
  cross join lateral (values
    ('runtime_seconds', r.ms),
    ('runtime_vcpu_seconds', r.ms * v.cpu_millis / 1000),
    ('runtime_memory_gb_seconds', r.ms * v.memory_mb)
  ) as d (dimension, total)
where d.total > 0
union all
select 'version', v.id, v.org, p.workspace_id, p.project_id, p.external_workspace_id, p.external_user_id,
  p.external_project_id, null, d.dimension, d.total
from deployment_versions v
  join deployments p on p.id = v.deployment_id
  cross join lateral (select greatest(0, extract(epoch from case when v.ready_at is not null then v.ready_at
    when v.state in ('created', 'building') then now() else v.updated_at end - v.created_at) * 1000)::bigint
    as ms) r
  cross join lateral (values
    ('builder_seconds', r.ms),
    ('builder_vcpu_seconds', r.ms * v.cpu_millis / 1000),
    ('builder_memory_gb_seconds', r.ms * v.memory_mb),
    ('release_storage_gb_months', (greatest(0, extract(epoch from now() - v.ready_at) * 1000)
      * v.size_bytes / 1048576)::bigint)
  ) as d (dimension, total)
where d.total > 0
union all
select 'volume', v.id, v.org, v.workspace_id, v.project_id, v.external_workspace_id, v.external_user_id,
  v.external_project_id, null, 'volume_gb_months', r.total
from volumes v
  left join usage_shapes b on b.resource_id = v.id
  cross join lateral (select coalesce(b.memory_mb_ms, 0)
    + ((extract(epoch from now() - v.created_at) * 1000)::bigint - coalesce(b.run_ms, 0)) * v.size_gb * 1024
    as total) r
where r.total > 0 and v.status in ('available', 'deleting')
union all
select 'snapshot', s.id, s.org, s.workspace_id, s.project_id, s.external_workspace_id, s.external_user_id,
  s.external_project_id, null, 'snapshot_gb_months', r.total
from snapshots s
  cross join lateral (select (extract(epoch from case when s.status = 'deleted' then s.updated_at
    else now() end - s.created_at) * 1000 * s.size_bytes / 1048576)::bigint as total) r
where r.total > 0;
grant select on usage_counters to atoll_app, atoll_system;

create function usage_reshape_sandbox() returns trigger language plpgsql as $$
declare
  ms bigint := old.runtime_ms
    + greatest(0, coalesce(extract(epoch from now() - old.running_since) * 1000, 0))::bigint;
begin
  insert into usage_shapes as u (resource_id, org, run_ms, vcpu_ms, memory_mb_ms)
  values (old.id, old.org, ms, ms * old.cpu_count, ms * old.memory_mb)
  on conflict (resource_id) do update set run_ms = excluded.run_ms,
    vcpu_ms = u.vcpu_ms + (excluded.run_ms - u.run_ms) * old.cpu_count,
    memory_mb_ms = u.memory_mb_ms + (excluded.run_ms - u.run_ms) * old.memory_mb;
  return null;
end
$$;
create trigger usage_reshape after update of cpu_count, memory_mb on sandboxes for each row
  when (old.cpu_count <> new.cpu_count or old.memory_mb <> new.memory_mb)
  execute function usage_reshape_sandbox();

create function usage_regrow_volume() returns trigger language plpgsql as $$
declare
  ms bigint := (extract(epoch from now() - old.created_at) * 1000)::bigint;
begin
  insert into usage_shapes as u (resource_id, org, run_ms, vcpu_ms, memory_mb_ms)
  values (old.id, old.org, ms, 0, ms * old.size_gb * 1024)
  on conflict (resource_id) do update set run_ms = excluded.run_ms,
    memory_mb_ms = u.memory_mb_ms + (excluded.run_ms - u.run_ms) * old.size_gb * 1024;
  return null;
end
$$;
create trigger usage_regrow after update of size_gb on volumes for each row
  when (old.size_gb <> new.size_gb) execute function usage_regrow_volume();

create function usage_mark() returns trigger language plpgsql as $$
begin
  insert into usage_due (resource_id, org) values (new.id, new.org) on conflict do nothing;
  return null;
end
$$;
create trigger usage_due after update of state, running_since on sandboxes for each row
  when (old.running_since is distinct from new.running_since
    or (new.state = 'destroyed' and old.state <> 'destroyed'))
  execute function usage_mark();
create trigger usage_due after update of stopped_at on deployment_instances for each row
  when (old.stopped_at is distinct from new.stopped_at) execute function usage_mark();
create trigger usage_due after update of status on snapshots for each row
  when (new.status = 'deleted' and old.status <> 'deleted') execute function usage_mark();

-- A row that goes leaves its counters.
create function usage_close() returns trigger language plpgsql as $$
begin
  insert into usage_closed select * from usage_counters where resource_id = old.id on conflict do nothing;
  delete from usage_shapes where resource_id = old.id;
  return old;
end
$$;
create trigger usage_close before delete on volumes for each row execute function usage_close();

create function usage_close_deployment() returns trigger language plpgsql as $$
begin
  insert into usage_closed select * from usage_counters where resource_id in (
    select id from deployment_versions where deployment_id = old.id
    union all select id from deployment_instances where deployment_id = old.id) on conflict do nothing;
  return old;
end
$$;
create trigger usage_close before delete on deployments for each row execute function usage_close_deployment();
