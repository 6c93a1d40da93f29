// There was no room for it. With a `uuid` the words are kept all the same; `refused` are the files that are not.
export class StorageFull extends Error {
  name = 'StorageFull';

  constructor({ uuid, refused, cause }) { super('storage full', { cause }); Object.assign(this, { uuid, refused }); }
}
