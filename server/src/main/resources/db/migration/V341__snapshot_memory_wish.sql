-- What the call asked for that began a snapshot: who takes it up after a crash asks for the same.
alter table snapshots add column memory_wish boolean;
