-- One thing that is done to many sandboxes, or a policy that is set for many subjects.
create table bulk_jobs (
  id text primary key,
  org text not null references organizations,
  action text not null check (action in ('pause', 'resume', 'destroy', 'apply_policy')),
  status text not null check (status in ('queued', 'running', 'completed', 'failed')),
  -- Whose policy is set, and to what.
  tier text,
  policy jsonb,
  -- The credential that asked, and what it is confined to.
  created_by text not null,
  workspace_id text,
  external_user_id text,
  total int not null,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
create index bulk_jobs_open on bulk_jobs (org) where finished_at is null;
create index bulk_jobs_age on bulk_jobs (finished_at);
select atoll_protect('bulk_jobs');

create table bulk_job_items (
  job_id text not null references bulk_jobs on delete cascade,
  number int not null,
  org text not null,
  -- The id of the sandbox or of the workspace, the end user, or what was named and does not exist.
  subject text not null,
  status text not null check (status in ('pending', 'completed', 'failed')),
  error_code text,
  error_message text,
  primary key (job_id, number)
);
select atoll_protect('bulk_job_items');
