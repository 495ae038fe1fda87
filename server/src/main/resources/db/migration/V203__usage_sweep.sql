-- What is left of sandboxes that ended days ago is found by when they did.
create index sandboxes_destroyed on sandboxes (destroyed_at) where destroyed_at is not null;
