create table volumes (
  id text primary key,
  org text not null references organizations,
  name text not null,
  size_gb int not null,
  -- Whether several sandboxes may write to it at a time.
  shared boolean not null,
  status text not null check (status in ('creating', 'available', 'error', 'deleting')),
  region text,
  workspace_id text not null references workspaces,
  project_id text not null references projects,
  external_workspace_id text,
  external_user_id text,
  external_project_id text,
  -- The volume whose files it began with; that one may be gone.
  source_volume_id text,
  metadata jsonb not null default '{}',
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index volumes_org on volumes (org, id desc);
create index volumes_source on volumes (source_volume_id) where source_volume_id is not null;
create index volumes_unsettled on volumes (status) where status <> 'available';
select atoll_protect('volumes');

create table volume_attachments (
  id text primary key,
  org text not null,
  volume_id text not null references volumes,
  sandbox_id text not null references sandboxes on delete cascade,
  mount_path text not null,
  read_only boolean not null,
  -- A writer of a volume that is not shared.
  alone boolean not null,
  status text not null check (status in ('attaching', 'attached', 'detaching')),
  external_user_id text,
  attached_at timestamptz not null default now(),
  unique (sandbox_id, volume_id),
  unique (sandbox_id, mount_path)
);
create index volume_attachments_volume on volume_attachments (volume_id);
create unique index volume_attachments_alone on volume_attachments (volume_id) where alone;
select atoll_protect('volume_attachments');
