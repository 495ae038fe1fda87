create table budgets (
  id text primary key,
  org text not null references organizations,
  scope text not null check (scope in ('organization', 'workspace', 'external_workspace', 'external_user', 'run')),
  -- The id of what it bounds; '' for the organization.
  scope_id text not null,
  period text not null check (period in ('month', 'total')),
  cap_micros bigint not null check (cap_micros >= 0),
  thresholds int[] not null,
  at_cap text not null check (at_cap in ('refuse', 'pause')),
  -- What was spent since then; a month that has passed counts as nothing.
  period_start date not null,
  spent_micros bigint not null default 0,
  -- The highest threshold that was told of this period.
  told int not null default 0,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (org, scope, scope_id, period)
);
select atoll_protect('budgets');

-- What a process may admit against a budget by itself, until then.
create table budget_leases (
  budget_id text not null references budgets on delete cascade,
  org text not null,
  replica text not null,
  micros bigint not null,
  expires_at timestamptz not null,
  primary key (budget_id, replica)
) with (fillfactor = 50);
select atoll_protect('budget_leases');

create table quotas (
  org text not null references organizations,
  scope text not null check (scope in ('organization', 'workspace', 'external_workspace', 'external_user')),
  scope_id text not null,
  max_sandboxes int,
  max_concurrent int,
  max_storage_gb int,
  updated_at timestamptz not null default now(),
  primary key (org, scope, scope_id)
);
select atoll_protect('quotas');

create table health_checks (
  id text primary key,
  org text not null references organizations,
  name text not null,
  url text not null,
  method text not null,
  interval_sec int not null,
  timeout_sec int not null,
  expected_status int not null,
  status text not null check (status in ('unknown', 'healthy', 'unhealthy', 'paused')),
  last_status_code int,
  last_error text,
  last_duration_ms int,
  last_checked_at timestamptz,
  next_check_at timestamptz not null default now(),
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index health_checks_org on health_checks (org, id desc);
create index health_checks_next on health_checks (next_check_at) where status <> 'paused';
select atoll_protect('health_checks');

-- Whether new work is refused while the owner repairs something.
create table maintenance (
  org text primary key,
  message text not null,
  since timestamptz not null default now()
);
select atoll_protect('maintenance');
