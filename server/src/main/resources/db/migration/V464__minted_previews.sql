-- The token that asked for it, with which it ends; null when a key did.
alter table preview_tokens add column minted_by text;
create index preview_tokens_minter on preview_tokens (minted_by) where minted_by is not null;
