-- Where the logs of a project's environment are sent.
create table log_drains (
  id text primary key,
  org text not null references organizations,
  project_id text not null references projects on delete cascade,
  environment_id text not null references project_environments on delete cascade,
  name text not null,
  kind text not null check (kind in ('http', 'syslog')),
  format text not null check (format in ('ndjson', 'otlp', 'rfc5424')),
  url text not null,
  sources text[] not null,
  -- Sealed, as JSON of names and values.
  headers bytea not null,
  -- Sealed; a receiver of syslog has none.
  secret bytea,
  secret_preview text,
  state text not null default 'active' check (state in ('active', 'paused', 'disabled')),
  -- Lines older than this are not sent.
  since timestamptz not null default now(),
  -- When the next attempt is due; in the future while one is made.
  next_at timestamptz not null default now(),
  -- Attempts in a row that failed, and since when.
  failures int not null default 0,
  failing_since timestamptz,
  last_error text,
  last_delivery_at timestamptz,
  delivered_lines bigint not null default 0,
  dropped_lines bigint not null default 0,
  disabled_reason text,
  disabled_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (environment_id, name)
);
create index log_drains_active on log_drains (next_at) where state = 'active';
select atoll_protect('log_drains');

-- How far a source has been read into batches.
create table log_drain_cursors (
  org text not null references organizations,
  drain_id text not null references log_drains on delete cascade,
  kind text not null check (kind in ('sandbox', 'deployment', 'build')),
  -- The sandbox, the process of a deployment, or the version that is built.
  source text not null,
  place text not null,
  primary key (drain_id, kind, source)
);
select atoll_protect('log_drain_cursors');

-- Lines that were read and not yet taken by the receiver, in their order.
create table log_drain_batches (
  id text primary key,
  org text not null references organizations,
  drain_id text not null references log_drains on delete cascade,
  position bigint generated always as identity,
  -- One JSON object a line.
  body text not null,
  lines int not null,
  bytes int not null,
  created_at timestamptz not null default now()
);
create index log_drain_batches_order on log_drain_batches (drain_id, position);
select atoll_protect('log_drain_batches');

create or replace function atoll_notable(type text) returns boolean language sql immutable parallel safe as $$
  select type in ('sandbox.error', 'sandbox.snapshot.failed', 'deployment.failed', 'deployment.build_failed',
    'volume.error', 'sandbox_batch.failed', 'webhook.failing', 'webhook.disabled', 'log_drain.disabled',
    'budget.threshold_reached', 'budget.cap_reached')
    or starts_with(type, 'billing.') or starts_with(type, 'quota.')
$$;
