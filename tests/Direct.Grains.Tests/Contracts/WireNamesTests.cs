using System.Reflection;
using Direct.Testing.Processes;

namespace Direct.Grains.Tests.Contracts;

/// <summary>Tests that names on the wire do not depend on names in the code. During a rolling upgrade processes of two versions call each other.</summary>
public sealed class WireNamesTests : IDisposable
{
    private const string Committed = "Direct.Grains.Interfaces/wire-names.txt";

    private readonly WireNames _names = new();

    public void Dispose() => _names.Dispose();

    [Fact]
    public void Lines_OfThisBuild_AreTheCommittedOnes()
    {
        var committed = File.ReadAllLines(Path.Combine(Repository.Root, Committed)).Where(line => line.Length > 0 && line[0] != '#').ToList();

        var lines = _names.Lines;

        Assert.True(lines.SequenceEqual(committed), Difference(committed, lines));
    }

    [Fact]
    public void GrainType_OfEveryGrainClass_IsPinned()
    {
        Assert.NotEmpty(_names.Grains);
        Assert.All(_names.Grains, grain =>
        {
            Assert.True(grain.IsDefined(typeof(GrainTypeAttribute), inherit: false), $"{grain} has no [GrainType]: it is called after its class");
            Assert.StartsWith("direct.", _names.GrainTypeOf(grain), StringComparison.Ordinal);
        });
        Assert.Distinct(_names.Grains.Select(_names.GrainTypeOf));
    }

    [Fact]
    public void Alias_OfEveryInterfaceAndType_IsPinned()
    {
        var types = _names.Interfaces.Concat(_names.Contracts.Where(type => !type.IsEnum)).ToList();

        Assert.All(types, type => Assert.StartsWith("direct.", Alias(type), StringComparison.Ordinal));
        Assert.Distinct(types.Select(Alias));
    }

    [Fact]
    public void Alias_OfEveryMethod_IsPinned()
    {
        var methods = _names.Interfaces.SelectMany(type => type.GetMethods().Where(method => method.IsAbstract));

        Assert.All(methods, method => Assert.NotEmpty(Alias(method)));
    }

    [Fact]
    public void Id_OfEveryProperty_IsPinned()
    {
        var properties = _names.Contracts.SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite));

        Assert.All(properties, property => Assert.True(property.IsDefined(typeof(IdAttribute)), $"{property.DeclaringType}.{property.Name} has no [Id]: it is not sent"));
    }

    private static string Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? "";

    private static string Difference(IReadOnlyList<string> committed, IReadOnlyList<string> lines)
    {
        var actual = Path.Combine(Repository.Root, "artifacts", "wire-names.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(actual)!);
        File.WriteAllLines(actual, lines);
        string[] differences = [.. committed.Except(lines).Select(line => "- " + line), .. lines.Except(committed).Select(line => "+ " + line)];
        return $"""
            The names on the wire are not those of {Committed}. What is new is added there; what is gone or has changed breaks a rolling upgrade.
            {string.Join('\n', differences.DefaultIfEmpty("the same lines in another order"))}
            All of them, as they are now: {actual}
            """;
    }
}
