-- Virtual machines are a third kind of isolation.
alter table sandboxes drop constraint sandboxes_isolation_check;
alter table sandboxes add constraint sandboxes_isolation_check check (isolation in ('container', 'gvisor', 'microvm'));
