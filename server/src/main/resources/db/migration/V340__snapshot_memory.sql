-- What the processes of a snapshot take on disk, which is part of its size; null when it has files alone.
alter table snapshots add column memory_bytes bigint;
