/// The only clock of the product. Imports nothing but `java.base`.
package anycast.routing.time;
