-- A batch belongs to the workspace of its sandboxes, so that a credential of one workspace reaches no other's. One whose
-- sandboxes are all gone, or still to come, says it nowhere but in its sealed request: it is left to credentials of the
-- whole organization.
alter table sandbox_batches add column workspace_id text;

update sandbox_batches b set workspace_id = (
  select s.workspace_id from sandbox_batch_items i join sandboxes s on s.id = i.sandbox_id
  where i.batch_id = b.id order by i.number limit 1);

select atoll_protect('sandbox_batches');
