using Direct.Startup;
using Orleans.Metadata;

namespace Direct.Grains.Members;

/// <summary>
/// Writes the version of this silo's program into its manifest, which tells the other silos what grains it has. So all of them know it without a call.
/// </summary>
internal sealed class SiloVersionProperty : IGrainPropertiesProvider
{
    /// <summary>The name of the property.</summary>
    public const string Name = "direct.version";

    /// <summary>The grain whose property it is.</summary>
    public static readonly GrainType Bearer = GrainType.Create("direct.gateway-query");

    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (grainType == Bearer)
        {
            properties[Name] = ProgramVersion.Text;
        }
    }
}
