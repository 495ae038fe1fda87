create table snapshots (
  id text primary key,
  org text not null,
  -- The row of a destroyed sandbox stays, so that a snapshot can be restored without its sandbox.
  sandbox_id text not null references sandboxes,
  status text not null,
  version bigint not null default 1,
  comment text,
  keep boolean not null,
  -- From its creation, and from its last use; the earlier one counts.
  expiration_sec int,
  retention_sec int,
  expires_at timestamptz,
  size_bytes bigint,
  pause_micros bigint,
  error text,
  workspace_id text not null,
  project_id text not null,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index snapshots_org on snapshots (org, id desc) where status <> 'deleted';
create index snapshots_sandbox on snapshots (sandbox_id, id desc);
create index snapshots_expiry on snapshots (expires_at) where expires_at is not null;
select atoll_protect('snapshots');

-- A name pins a snapshot: it is not deleted, does not expire and is no part of the history.
create table named_snapshots (
  org text not null,
  name text not null,
  snapshot_id text not null unique references snapshots,
  -- Taken for the name only: it goes with the name.
  owned boolean not null,
  external_user_id text,
  created_at timestamptz not null default now(),
  primary key (org, name)
);
select atoll_protect('named_snapshots');

-- The environment of a sandbox when a snapshot was taken, sealed for the snapshot.
create table kept_env (
  snapshot_id text primary key references snapshots on delete cascade,
  org text not null,
  env bytea not null
);
select atoll_protect('kept_env');

alter table sandboxes add column source_snapshot_id text;
