-- Who did what to which resource from where. Rows are only ever added: the two roles that the server takes may
-- neither change nor delete them.
create table audit_log (
  seq bigint not null generated always as identity,
  -- Its place among all commits, by which the chain is sealed: see the event log.
  epoch int not null,
  xid xid8 not null default pg_current_xact_id(),
  org text not null references organizations,
  action text not null,
  resource_type text,
  resource_id text,
  workspace_id text,
  project_id text,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  data jsonb not null,
  actor_type text not null,
  actor_id text,
  -- Who delegated to the actor, the key first.
  actor_chain text[] not null,
  operation text,
  ip_address text,
  client text,
  request_id text,
  at timestamptz not null default now(),
  primary key (org, seq)
);
create index audit_log_place on audit_log (epoch, xid, seq);
create index audit_log_resource on audit_log (org, resource_id, seq);
select atoll_protect('audit_log');
revoke update, delete on audit_log from atoll_app, atoll_system;

-- The chain of each organization: position n holds the hash over the hash before it and the n-th row.
create table audit_seals (
  org text not null references organizations,
  position bigint not null,
  seq bigint not null,
  hash bytea not null,
  primary key (org, position),
  unique (org, seq)
);
select atoll_protect('audit_seals');
revoke insert, update, delete on audit_seals from atoll_app;
revoke update, delete on audit_seals from atoll_system;

-- Up to where the log of all organizations is sealed.
create table audit_sealer (
  one boolean primary key default true check (one),
  epoch int not null default 0,
  xid xid8 not null default '0',
  seq bigint not null default 0
);
insert into audit_sealer default values;
alter table audit_sealer enable row level security;
create policy system on audit_sealer to atoll_system using (true) with check (true);
grant select, update on audit_sealer to atoll_system;
