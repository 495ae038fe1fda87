-- Many sandboxes that were asked for at once.
create table sandbox_batches (
  id text primary key,
  org text not null references organizations,
  status text not null check (status in ('running', 'completed', 'failed', 'cancelled')),
  requested int not null,
  concurrency int not null,
  template_id text not null,
  -- What was asked for and whose it is, sealed with the organization's data key.
  request bytea,
  external_user_id text,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sandbox_batches_running on sandbox_batches (status) where status = 'running';
select atoll_protect('sandbox_batches');

create table sandbox_batch_items (
  batch_id text not null references sandbox_batches on delete cascade,
  number int not null,
  org text not null,
  status text not null check (status in ('pending', 'completed', 'failed', 'cancelled')),
  sandbox_id text,
  error_code text,
  error_message text,
  primary key (batch_id, number)
);
select atoll_protect('sandbox_batch_items');
