using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Settings;

/// <inheritdoc />
internal sealed class OptionsSection<TOptions>(string name, bool isShared) : IOptionsSection
    where TOptions : class
{
    public string Name { get; } = name;

    public Type OptionsType => typeof(TOptions);

    public bool IsShared { get; } = isShared;

    public object Resolve(IServiceProvider services) => services.GetRequiredService<IOptions<TOptions>>().Value;
}
