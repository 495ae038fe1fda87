-- What a new sandbox is to start, sealed, until it was started.
alter table sandboxes add column starts bytea;
create index sandboxes_starts on sandboxes (id) where starts is not null;
