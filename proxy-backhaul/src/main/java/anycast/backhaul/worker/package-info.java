/// The worker proxy: admission, the leg to the app, and the assembly. Imports all other packages of
/// this module.
package anycast.backhaul.worker;
