using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Direct.Edge.Tests.Hosting;

/// <summary>Represents a setting, as its options class has it.</summary>
/// <param name="Key">Its full name.</param>
/// <param name="Type">What it holds; of one that may be unset, the type beneath.</param>
/// <param name="IsList">Whether it takes one key an entry.</param>
/// <param name="Range">Between what it must be, or null.</param>
/// <param name="Default">Its value when nothing is set.</param>
internal sealed record Setting(string Key, Type Type, bool IsList, RangeAttribute? Range, object? Default);

/// <summary>Every setting: the public properties of the options classes, found by reflection.</summary>
internal static class Settings
{
    public static IReadOnlyList<Setting> All { get; } = [.. Find()];

    private static IEnumerable<Setting> Find() =>
        from assembly in (Assembly[])[typeof(Direct.Edge.Hosting.DirectEdge).Assembly, typeof(Direct.Memory.MemoryOptions).Assembly]
        from type in assembly.GetTypes()
        let section = type.GetField("SectionName", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue()
        where section is string
        let defaults = Activator.CreateInstance(type)
        from property in type.GetProperties()
        let isList = property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable))
        where isList || property.CanWrite
        select new Setting(
            $"{section}:{property.Name}",
            Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
            isList,
            property.GetCustomAttribute<RangeAttribute>(),
            property.GetValue(defaults));
}
