-- Copies of snapshots off their machine.
create table snapshot_archives (
  snapshot_id text primary key references snapshots on delete cascade,
  org text not null,
  -- uploading, archived, restoring, failed. A copy is whole from archived on.
  state text not null,
  -- Whether the files are on the machine too.
  local boolean not null default true,
  -- Whether they are to leave it.
  evict boolean not null,
  -- The copy is a change of the copy of this one, which stays as long as this row does.
  parent_id text references snapshots,
  -- How many copies it stands on.
  depth int not null default 0,
  bytes bigint not null default 0,
  object_bytes bigint,
  error text,
  archived_at timestamptz
);
create index snapshot_archives_parent on snapshot_archives (parent_id) where parent_id is not null;
select atoll_protect('snapshot_archives');
