-- Which reports of which gateway process were written down. A report that comes twice counts once.
create table gateway_runs (
  run text primary key,
  sequence bigint not null,
  seen_at timestamptz not null default now()
);
alter table gateway_runs enable row level security;
create policy system on gateway_runs to atoll_system using (true) with check (true);
grant select, insert, update, delete on gateway_runs to atoll_system;

-- How far the counters of gateways have been written down as use. A gateway's counter only ever grows.
create table gateway_counters (
  counters text not null,
  resource_id text not null,
  org text not null,
  received bigint not null,
  sent bigint not null,
  told_at timestamptz not null default now(),
  primary key (counters, resource_id)
) with (fillfactor = 70);
create index gateway_counters_age on gateway_counters (told_at);
select atoll_protect('gateway_counters');

-- Whose traffic it is that is told after the deployment is gone.
create table gateway_closed (
  id text primary key,
  org text not null,
  workspace_id text,
  project_id text,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  closed_at timestamptz not null default now()
);
select atoll_protect('gateway_closed');

create function gateway_close() returns trigger language plpgsql as $$
begin
  insert into gateway_closed (id, org, workspace_id, project_id, external_workspace_id, external_user_id,
    external_project_id)
  values (old.id, old.org, old.workspace_id, old.project_id, old.external_workspace_id, old.external_user_id,
    old.external_project_id)
  on conflict do nothing;
  return old;
end
$$;
create trigger gateway_close before delete on deployments for each row execute function gateway_close();

create view gateway_accounts with (security_invoker = true) as
select 'deployment' as kind, id, org, workspace_id, project_id, external_workspace_id, external_user_id,
  external_project_id, null as run_id from deployments
union all
select 'deployment', id, org, workspace_id, project_id, external_workspace_id, external_user_id,
  external_project_id, null from gateway_closed
union all
select 'sandbox', id, org, workspace_id, project_id, external_workspace_id, external_user_id,
  external_project_id, metadata ->> 'run_id' from sandboxes;
grant select on gateway_accounts to atoll_app, atoll_system;

-- Requests of a deployment in five minutes, by method and route; all of them where both are ''.
create table deployment_traffic (
  org text not null,
  deployment_id text not null references deployments on delete cascade,
  slot timestamptz not null,
  version_id text not null,
  method text not null,
  route text not null,
  requests bigint not null,
  client_errors bigint not null,
  server_errors bigint not null,
  unlogged bigint not null,
  received bigint not null,
  sent bigint not null,
  -- How many took how long, by class.
  durations int[] not null,
  primary key (deployment_id, slot, version_id, method, route)
) with (fillfactor = 70);
create index deployment_traffic_age on deployment_traffic (slot);
select atoll_protect('deployment_traffic');

create table deployment_requests (
  id text primary key,
  org text not null,
  deployment_id text not null references deployments on delete cascade,
  version_id text not null,
  external_user_id text,
  at timestamptz not null,
  method text not null,
  host text not null,
  path text not null,
  status int not null,
  received bigint not null,
  sent bigint not null,
  micros bigint not null,
  client_ip text not null,
  request_id text not null,
  written_at timestamptz not null default now()
);
create index deployment_requests_list on deployment_requests (deployment_id, id desc);
create index deployment_requests_age on deployment_requests (written_at);
select atoll_protect('deployment_requests');
