-- Many sandboxes asked for at once. The request is sealed: it may hold an environment.
create table sandbox_batches (
  id text primary key,
  org text not null,
  state text not null,
  requested int not null,
  concurrency int not null,
  template_id text not null,
  request bytea not null,
  owner jsonb not null,
  external_user_id text,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  settled_at timestamptz
);
create index sandbox_batches_running on sandbox_batches (state) where state = 'running';
select atoll_protect('sandbox_batches');

-- One sandbox of a batch. It is done in the transaction that makes the sandbox's row.
create table sandbox_batch_items (
  batch_id text not null references sandbox_batches on delete cascade,
  org text not null,
  position int not null,
  state text not null,
  sandbox_id text,
  error_code text,
  error_message text,
  updated_at timestamptz not null default now(),
  primary key (batch_id, position)
);
select atoll_protect('sandbox_batch_items');
