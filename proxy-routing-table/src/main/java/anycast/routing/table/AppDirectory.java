package anycast.routing.table;

import anycast.routing.model.AppId;
import anycast.routing.model.VirtualService;

/// Apps by name and by slot, and the rules that stand before them.
///
/// @param names app name → slot; changes only when an app is first or last spoken of
/// @param virtuals virtual services by name, as rows
/// @param rules what they come to
record AppDirectory(
    ShardMap<Named<Integer>> names,
    Slots<AppRoute> slots,
    ShardMap<Named<VirtualService>> virtuals,
    RuleDirectory rules) {
  static final AppDirectory EMPTY =
      new AppDirectory(Named.map(), Slots.empty(), Named.map(), RuleDirectory.EMPTY);

  /// @return null where nothing ever spoke of the app
  AppRoute find(AppId app) {
    Named<Integer> entry = names.find(app.name(), 0);
    return entry == null ? null : slots.at(entry.value);
  }
}
