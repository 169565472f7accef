package anycast.routing.table;

import anycast.routing.model.AppId;

/// Apps by name and by slot.
///
/// @param names app name → slot; changes only when an app is first or last spoken of
record AppDirectory(ShardMap<Named<Integer>> names, AppSlots slots) {
  static final AppDirectory EMPTY = new AppDirectory(Named.map(), AppSlots.EMPTY);

  /// @return null where nothing ever spoke of the app
  AppRoute find(AppId app) {
    Named<Integer> entry = names.find(app.name(), 0);
    return entry == null ? null : slots.at(entry.value);
  }
}
