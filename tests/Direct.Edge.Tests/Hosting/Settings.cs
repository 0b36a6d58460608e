using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace Direct.Edge.Tests.Hosting;

/// <summary>Represents a setting as declared in its options class.</summary>
/// <param name="Key">The full name.</param>
/// <param name="Type">The type of the value; the underlying type when it is nullable.</param>
/// <param name="IsList">Whether the setting has one key per entry.</param>
/// <param name="Range">The range of values, or null.</param>
/// <param name="Default">The default value.</param>
internal sealed record Setting(string Key, Type Type, bool IsList, RangeAttribute? Range, object? Default);

/// <summary>Provides all settings: the public properties of the options classes, found by reflection.</summary>
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
