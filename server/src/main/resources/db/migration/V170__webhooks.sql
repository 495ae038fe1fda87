create table webhooks (
  id text primary key,
  org text not null references organizations,
  name text not null,
  url text not null,
  api_version text not null,
  events text[] not null,
  -- Attributes that an event must have to be sent, by their names in the event.
  filter jsonb not null default '{}',
  external_user_id text,
  active boolean not null default true,
  -- One at a time, in the order of the log; what fails holds up what follows.
  ordered boolean not null default false,
  headers bytea not null,
  secret bytea not null,
  secret_preview text not null,
  -- The secret before the present one, which signs too until this time.
  old_secret bytea,
  old_secret_until timestamptz,
  retry_count int not null,
  metadata jsonb not null default '{}',
  -- Deliveries in a row that were given up.
  failures int not null default 0,
  disabled_reason text,
  disabled_at timestamptz,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index webhooks_org on webhooks (org, id desc);
select atoll_protect('webhooks');

-- Events of a type routed to one consumer.
create table event_subscriptions (
  id text primary key,
  org text not null references organizations,
  consumer_kind text not null check (consumer_kind in ('webhook', 'notification')),
  consumer_id text not null,
  -- The same as consumer_id when it is a webhook, whose end is the subscription's.
  webhook_id text references webhooks on delete cascade,
  event_type text not null,
  filter jsonb not null default '{}',
  workspace_id text,
  project_id text,
  external_user_id text,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index event_subscriptions_org on event_subscriptions (org, id);
create index event_subscriptions_webhook on event_subscriptions (webhook_id) where webhook_id is not null;
select atoll_protect('event_subscriptions');

-- One event for one webhook, until it was accepted or given up. A lease is a next_at in the future.
create table webhook_deliveries (
  id text primary key,
  org text not null,
  webhook_id text not null references webhooks on delete cascade,
  subscription_id text,
  event_id text not null,
  event_type text not null,
  -- Where the event stands in the log; the order of an ordered webhook.
  epoch int not null,
  xid bigint not null,
  seq bigint not null,
  body text not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  -- No further attempt is made after so many.
  most_attempts int not null,
  attempt int not null default 0,
  next_at timestamptz not null default now(),
  status_code int,
  duration_ms int,
  response_body text,
  error text,
  attempts jsonb not null default '[]',
  attempted_at timestamptz,
  ended_at timestamptz,
  replay_of text,
  replay_id text,
  workspace_id text,
  project_id text,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  created_at timestamptz not null default now()
);
create index webhook_deliveries_list on webhook_deliveries (webhook_id, id desc);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_at) where state = 'pending';
create index webhook_deliveries_order on webhook_deliveries (webhook_id, epoch, xid, seq, id) where state = 'pending';
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where ended_at is not null;
create index webhook_deliveries_subscription on webhook_deliveries (subscription_id, id desc)
  where subscription_id is not null;
-- An event is taken from the log once for each webhook and subscription; replays are asked for.
create unique index webhook_deliveries_once
  on webhook_deliveries (webhook_id, event_id, coalesce(subscription_id, '')) where replay_of is null;
create unique index webhook_deliveries_replay on webhook_deliveries (webhook_id, replay_id) where replay_id is not null;
select atoll_protect('webhook_deliveries');

-- How far the log has been turned into deliveries.
create table webhook_cursor (
  one boolean primary key default true check (one),
  epoch int not null,
  xid bigint not null,
  seq bigint not null
);
insert into webhook_cursor (epoch, xid, seq)
  select epoch, cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) - 1, 9223372036854775807 from event_epoch;
grant select, update on webhook_cursor to atoll_system;
