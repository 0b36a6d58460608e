using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Serialization.Invocation;
using Orleans.Serialization.TypeSystem;

namespace Direct.Grains.Tests.Contracts;

/// <summary>
/// Lists the names by which gateways and silos of different builds identify grains, methods, types and members. The names are read from Orleans and
/// not from our attributes, so a type without an attribute is listed under its class name.
/// </summary>
internal sealed class WireNames : IDisposable
{
    private readonly IHost _host;
    private readonly TypeConverter _types;
    private readonly GrainTypeOptions _grains;

    public WireNames()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(static silo => silo.UseLocalhostClustering());
        _host = builder.Build(); // the host is never started
        _types = _host.Services.GetRequiredService<TypeConverter>();
        _grains = _host.Services.GetRequiredService<IOptions<GrainTypeOptions>>().Value;
    }

    public IEnumerable<Type> Grains => _grains.Classes.Where(IsOurs);

    public IEnumerable<Type> Interfaces => _grains.Interfaces.Where(IsOurs);

    /// <summary>Gets the classes, structs and enums that are sent between processes.</summary>
    public IEnumerable<Type> Contracts => Interfaces.Select(type => type.Assembly).Distinct()
        .SelectMany(assembly => assembly.GetExportedTypes())
        .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute)) || type.IsEnum);

    /// <summary>Gets all names in a fixed order, one per line.</summary>
    public IReadOnlyList<string> Lines =>
    [
        .. Sorted(Grains.Select(DescribeGrain)),
        .. Sorted(Interfaces.Select(DescribeInterface)),
        .. Sorted(Invokables().Select(DescribeMethod)),
        .. Sorted(Contracts.Where(type => !type.IsEnum).SelectMany(DescribeMembers)),
        .. Sorted(Contracts.Where(type => type.IsEnum).SelectMany(DescribeValues)),
        .. Sorted(Interfaces.Concat(Contracts).Where(type => !type.IsEnum).SelectMany(DescribeConstants)),
    ];

    public string GrainTypeOf(Type grain) => _host.Services.GetRequiredService<GrainTypeResolver>().GetGrainType(grain).ToString();

    public void Dispose() => _host.Dispose();

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("Direct.", StringComparison.Ordinal) == true;

    // Every grain interface inherits the other two.
    private static bool IsTelling(Type type) => type != typeof(IGrain) && type != typeof(IAddressable);

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);

    private string DescribeGrain(Type grain) =>
        $"grain {GrainTypeOf(grain)}: {string.Join(' ', Sorted(grain.GetInterfaces().Where(IsOurs).Select(Name)))}";

    private string DescribeInterface(Type contract)
    {
        var type = _host.Services.GetRequiredService<GrainInterfaceTypeResolver>().GetGrainInterfaceType(contract);
        var version = contract.GetCustomAttribute<Orleans.CodeGeneration.VersionAttribute>()?.Version ?? 0;
        return $"interface {type} version {version}:{string.Concat(Sorted(contract.GetInterfaces().Where(IsTelling).Select(Name)).Select(name => " " + name))}";
    }

    // Returns the generated request classes. Their names identify the methods on the wire.
    private IEnumerable<Type> Invokables() => Interfaces.Select(type => type.Assembly).Distinct()
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.IsAssignableTo(typeof(IInvokable)) && type.IsDefined(typeof(CompoundTypeAliasAttribute)));

    private string DescribeMethod(Type invokable)
    {
        var method = ((IInvokable)Activator.CreateInstance(invokable, nonPublic: true)!).GetMethod();
        var parameters = method.GetParameters().Select(parameter => Name(parameter.ParameterType));
        var answer = method.ReturnType.GenericTypeArguments.Select(Name).SingleOrDefault("nothing");
        return $"method {_types.Format(invokable)}: ({string.Join(", ", parameters)}) {answer}";
    }

    private IEnumerable<string> DescribeMembers(Type type)
    {
        var members = type.GetProperties().Where(property => property.IsDefined(typeof(IdAttribute)));
        return members.Select(member => $"member {Name(type)} {member.GetCustomAttribute<IdAttribute>()!.Id,2}: {Name(member.PropertyType)} {member.Name}");
    }

    private static IEnumerable<string> DescribeValues(Type type) =>
        Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => $"value {type.Name} {value}: {Enum.GetUnderlyingType(type).Name} {Enum.GetName(type, value)}");

    private IEnumerable<string> DescribeConstants(Type type) =>
        type.GetFields().Where(field => field.IsLiteral).Select(field => $"constant {Name(type)} {field.Name}: {field.GetRawConstantValue()}");

    // An enum is sent as a number in a typed member or parameter, so its name is not on the wire.
    private string Name(Type type) => type.IsEnum ? type.Name : _types.Format(type, allowAllTypes: true);
}
