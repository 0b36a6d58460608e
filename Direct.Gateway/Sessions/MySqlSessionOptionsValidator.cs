using Direct.Grains.Membership;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Sessions;

internal sealed class MySqlSessionOptionsValidator : IValidateOptions<MySqlSessionOptions>
{
    public ValidateOptionsResult Validate(string? name, MySqlSessionOptions options)
    {
        var error = MySqlConnectionString.ErrorOf(options.ConnectionString);
        return error is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{MySqlSessionOptions.SectionName}:ConnectionString {error}; it must name the database with the "
                + "sessions: Server=…;Port=3306;User ID=…;Password=…;Database=….");
    }
}
