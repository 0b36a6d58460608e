using Direct.Edge.Rights;
using Direct.Grains.Membership;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Rights;

/// <summary>Checks the database of rights, if it is another one than that of the sessions.</summary>
internal sealed class RightsConnectionValidator : IValidateOptions<RightsOptions>
{
    public ValidateOptionsResult Validate(string? name, RightsOptions options)
    {
        var error = options is { Mode: RightsMode.Sql, ConnectionString: { } connectionString } ? MySqlConnectionString.ErrorOf(connectionString) : null;
        return error is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{RightsOptions.SectionName}:ConnectionString {error}; it must name the database that "
                + $"{RightsOptions.SectionName}:Query reads: Server=…;Port=3306;User ID=…;Password=…;Database=….");
    }
}
