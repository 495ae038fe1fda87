-- When rows and machine last agreed on what runs, and since when the machine has answered. What ran when it last
-- answered may have stopped at any time since: nobody saw it run.
create table machine_contact (
  id boolean primary key default true check (id),
  begun_at timestamptz not null default now(),
  agreed_at timestamptz not null default now()
);
alter table machine_contact enable row level security;
create policy system on machine_contact to atoll_system using (true) with check (true);
create policy reader on machine_contact for select to atoll_app using (true);
grant select, insert, update, delete on machine_contact to atoll_system;
grant select on machine_contact to atoll_app;

-- Until when the time of a sandbox counts that has run since then: until now, unless rows and machine have not agreed
-- for longer than a restart takes. It never goes back: what is counted only grows.
create function sandbox_ran_until(since timestamptz) returns timestamptz language sql stable strict as $$
  select least(now(), (select greatest(agreed_at + interval '15 seconds', since) from machine_contact
    where since < begun_at))
$$;

create or replace view usage_counters with (security_invoker = true) as
select 'sandbox' as kind, s.id as resource_id, s.org, s.workspace_id, s.project_id,
  s.external_workspace_id, s.external_user_id, s.external_project_id, s.metadata ->> 'run_id' as run_id,
  d.dimension, d.total
from sandboxes s
  left join usage_shapes b on b.resource_id = s.id
  left join sandbox_meters m on m.sandbox_id = s.id
  cross join lateral (select s.runtime_ms
    + greatest(0, coalesce(extract(epoch from sandbox_ran_until(s.running_since) - s.running_since) * 1000, 0))::bigint as ms) r
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

create or replace function usage_reshape_sandbox() returns trigger language plpgsql as $$
declare
  ms bigint := old.runtime_ms
    + greatest(0, coalesce(extract(epoch from sandbox_ran_until(old.running_since) - old.running_since) * 1000, 0))::bigint;
begin
  insert into usage_shapes as u (resource_id, org, run_ms, vcpu_ms, memory_mb_ms)
  values (old.id, old.org, ms, ms * old.cpu_count, ms * old.memory_mb)
  on conflict (resource_id) do update set run_ms = excluded.run_ms,
    vcpu_ms = u.vcpu_ms + (excluded.run_ms - u.run_ms) * old.cpu_count,
    memory_mb_ms = u.memory_mb_ms + (excluded.run_ms - u.run_ms) * old.memory_mb;
  return null;
end
$$;
