using Direct.Grains.Membership;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Sessions;

internal sealed class MySqlSessionOptionsValidator : IValidateOptions<MySqlSessionOptions>
{
    public ValidateOptionsResult Validate(string? name, MySqlSessionOptions options)
    {
        var fault = MySqlConnectionString.FaultOf(options.ConnectionString);
        return fault is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{MySqlSessionOptions.SectionName}:ConnectionString {fault}; it must name the database with the "
                + "sessions: Server=…;Port=3306;User ID=…;Password=…;Database=….");
    }
}
