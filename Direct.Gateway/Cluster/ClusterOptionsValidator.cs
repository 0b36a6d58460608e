using Direct.Telemetry.Hosting;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.Provider is not ("localhost" or "mysql" or "none"))
        {
            result.AddError($"{ClusterOptions.SectionName}:Provider (cluster=) is '{ArgumentText.Shown(options.Provider)}'; it must be 'localhost' for a silo in this process, 'mysql' for a cluster, or 'none' for a single node without a silo.");
        }

        if (options.IsMySql && MySqlConnectionString.FaultOf(options.ConnectionString) is { } fault)
        {
            result.AddError($"{ClusterOptions.SectionName}:ConnectionString {fault}; with cluster=mysql it must name the database of the cluster's members: "
                + "Server=…;Port=3306;User ID=…;Password=…;Database=….");
        }

        if (options.RenewInterval * 3 > options.FenceAfter)
        {
            result.AddError($"{ClusterOptions.SectionName}:RenewInterval is {options.RenewInterval}; it must be at most a third of FenceAfter "
                + $"({options.FenceAfter}), or a lost renewal or two close every connection.");
        }

        return result.Build();
    }
}
