-- The images that lie in the archive beside a snapshot: one goes when no snapshot stands on it any more.
alter table snapshot_archives add column images text[] not null default '{}';
