-- What somebody should notice: the same rule as Notable in the server, whose test compares the two.
create function atoll_notable(type text) returns boolean language sql immutable parallel safe as $$
  select type in ('sandbox.error', 'sandbox.snapshot.failed', 'deployment.failed', 'deployment.build_failed',
    'volume.error', 'sandbox_batch.failed', 'webhook.failing', 'webhook.disabled', 'budget.threshold_reached',
    'budget.cap_reached')
    or starts_with(type, 'billing.') or starts_with(type, 'quota.')
$$;
create index events_notable on events (org, epoch, xid, seq) where atoll_notable(type);

-- Up to where a key has read its notifications, and which it has read beyond.
create table notification_marks (
  org text not null references organizations,
  reader text not null,
  epoch int not null,
  xid xid8 not null,
  seq bigint not null,
  primary key (org, reader)
);
select atoll_protect('notification_marks');

create table notification_reads (
  org text not null references organizations,
  reader text not null,
  epoch int not null,
  xid xid8 not null,
  seq bigint not null,
  read_at timestamptz not null default now(),
  primary key (org, reader, epoch, xid, seq)
);
create index notification_reads_age on notification_reads (read_at);
select atoll_protect('notification_reads');

create table alert_resolutions (
  org text not null references organizations,
  epoch int not null,
  xid xid8 not null,
  seq bigint not null,
  note text,
  resolved_by text not null,
  resolved_at timestamptz not null default now(),
  primary key (org, epoch, xid, seq)
);
create index alert_resolutions_age on alert_resolutions (resolved_at);
select atoll_protect('alert_resolutions');
